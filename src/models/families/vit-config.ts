/**
 * Hugging Face's `config.json` of vision transformers whose class token is read: `vit` (DINO among them), `dinov2` and
 * `dinov2_with_registers`.
 *
 * @file Absent keys and nulls mean the defaults of Transformers' `ViTConfig` and `Dinov2Config`.
 */
import { z } from "zod";
import type { ClipSettings } from "../clip/config.js";
import { type ConfigFile, epsilon, parseConfig, size } from "../clip/config-file.js";
import { activation } from "../clip/hugging-face-config.js";
import {
  BIT_PROCESSOR,
  huggingFacePreprocessing,
  processedSide,
  VIT_PROCESSOR,
} from "../clip/hugging-face-preprocessing.js";
import { IMAGENET_PREPROCESSING } from "../clip/preprocess.js";

const DEFAULTS = { heads: 12, imageSize: 224 };
const EPSILON = { vit: 1e-12, dinov2: 1e-6 };
/** What DINOv2 is published with where no file says otherwise: pictures smaller than its positions were learnt on. */
const DINOV2_RESIZE = 256;

const schema = z.object({
  model_type: z.enum(["vit", "dinov2", "dinov2_with_registers"]),
  num_attention_heads: size.nullish(),
  hidden_act: activation.nullish(),
  layer_norm_eps: epsilon.nullish(),
  image_size: size.nullish(),
});

/** `preprocessor` and `processor` describe the preparation of pictures. Throws `ModelConfigError`. */
export function vitSettings(
  file: ConfigFile,
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
): ClipSettings {
  const given = parseConfig(file, schema);
  const isVit = given.model_type === "vit";
  const kind = isVit ? VIT_PROCESSOR : BIT_PROCESSOR;
  const side = processedSide(preprocessor, processor, kind);
  // DINOv2's positions are resampled to whatever its pictures are; a plain ViT takes the size it was made for.
  const imageSize = (isVit ? given.image_size : side) ?? DEFAULTS.imageSize;
  return {
    source: file.path,
    family: isVit ? "vit" : "dinov2",
    vision: {
      heads: given.num_attention_heads ?? DEFAULTS.heads,
      activation: given.hidden_act ?? "gelu",
      epsilon: given.layer_norm_eps ?? EPSILON[isVit ? "vit" : "dinov2"],
      imageSize,
      positionResampling: given.model_type === "dinov2_with_registers" ? "antialiased" : "plain",
    },
    preprocessing:
      side === undefined && !isVit
        ? { ...IMAGENET_PREPROCESSING, resizeTo: DINOV2_RESIZE }
        : huggingFacePreprocessing(preprocessor, processor, imageSize, kind),
  };
}
