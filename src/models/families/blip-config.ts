/**
 * The part of InstructBLIP's `config.json` that describes its vision tower.
 *
 * @file Absent keys and nulls mean the defaults of Transformers' `InstructBlipVisionConfig` and `BlipImageProcessor`.
 */
import { z } from "zod";
import type { ClipSettings } from "../clip/config.js";
import { type ConfigFile, epsilon, parseConfig, size } from "../clip/config-file.js";
import { activation } from "../clip/hugging-face-config.js";
import { BLIP_PROCESSOR, huggingFacePreprocessing } from "../clip/hugging-face-preprocessing.js";

const DEFAULTS = { heads: 16, imageSize: 224, epsilon: 1e-6 };

const schema = z.object({
  model_type: z.literal("instructblip_vision_model"),
  num_attention_heads: size.nullish(),
  hidden_act: activation.nullish(),
  layer_norm_eps: epsilon.nullish(),
  image_size: size.nullish(),
});

/** `preprocessor` and `processor` describe the preparation of pictures. Throws `ModelConfigError`. */
export function blipSettings(
  file: ConfigFile,
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
): ClipSettings {
  const given = parseConfig(file, schema);
  const imageSize = given.image_size ?? DEFAULTS.imageSize;
  return {
    source: file.path,
    family: "vit",
    vision: {
      heads: given.num_attention_heads ?? DEFAULTS.heads,
      activation: given.hidden_act ?? "gelu",
      epsilon: given.layer_norm_eps ?? DEFAULTS.epsilon,
      imageSize,
      positionResampling: "plain",
    },
    preprocessing: huggingFacePreprocessing(preprocessor, processor, imageSize, BLIP_PROCESSOR),
  };
}
