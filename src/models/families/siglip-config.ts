/**
 * Hugging Face's `config.json` of SigLIP models.
 *
 * @file Absent keys and nulls mean the defaults of Transformers' `SiglipVisionConfig`, `SiglipTextConfig` and
 * `SiglipImageProcessor`.
 */
import { z } from "zod";
import type { ClipSettings, TowerSettings } from "../clip/config.js";
import { type ConfigFile, epsilon, off, parseConfig, size } from "../clip/config-file.js";
import { activation } from "../clip/hugging-face-config.js";
import { huggingFacePreprocessing, SIGLIP_PROCESSOR } from "../clip/hugging-face-preprocessing.js";

const DEFAULTS = { heads: 12, imageSize: 224, epsilon: 1e-6, padToken: 1 };

const towerSchema = z.object({
  num_attention_heads: size.nullish(),
  hidden_act: activation.nullish(),
  layer_norm_eps: epsilon.nullish(),
});
const towerAloneSchema = towerSchema.extend({ image_size: size.nullish() });
const visionSchema = towerAloneSchema.extend({
  vision_use_head: z.literal(true, { error: "true: a tower without its pooling head is not supported" }).nullish(),
});
const textSchema = towerSchema.extend({ pad_token_id: z.number().int().min(0).nullish(), is_decoder: off });

const schema = z.object({
  model_type: z.literal("siglip"),
  vision_config: visionSchema.nullish(),
  text_config: textSchema.nullish(),
});
/** Within vision-language models, which read its tokens, a tower needs no head. */
const visionOnlySchema = towerAloneSchema.extend({ model_type: z.literal("siglip_vision_model") });
const modelTypeSchema = z.object({ model_type: z.enum(["siglip", "siglip_vision_model"]) });

/** `preprocessor` and `processor` describe the preparation of pictures. Throws `ModelConfigError`. */
export function siglipSettings(
  file: ConfigFile,
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
): ClipSettings {
  const isWhole = parseConfig(file, modelTypeSchema).model_type === "siglip";
  const { vision_config: vision, text_config: text } = isWhole
    ? parseConfig(file, schema)
    : { vision_config: parseConfig(file, visionOnlySchema), text_config: undefined };
  const imageSize = vision?.image_size ?? DEFAULTS.imageSize;
  return {
    source: file.path,
    family: "siglip",
    vision: { ...towerOf(vision), imageSize, positionResampling: "plain" },
    text: {
      ...towerOf(text),
      endToken: "last",
      padToken: text?.pad_token_id ?? DEFAULTS.padToken,
      bidirectional: true,
    },
    preprocessing: huggingFacePreprocessing(preprocessor, processor, imageSize, SIGLIP_PROCESSOR),
  };
}

function towerOf(given: z.infer<typeof towerSchema> | null | undefined): TowerSettings {
  return {
    heads: given?.num_attention_heads ?? DEFAULTS.heads,
    activation: given?.hidden_act ?? "gelu_tanh",
    epsilon: given?.layer_norm_eps ?? DEFAULTS.epsilon,
  };
}
