/**
 * Hugging Face's `config.json` of CLIP models, with the file that describes the preparation of pictures.
 *
 * @file Absent keys and nulls mean the defaults of Transformers' `CLIPVisionConfig`, `CLIPTextConfig` and
 * `CLIPImageProcessor`: newer files only hold what differs. Files hold many keys of text generation; unknown ones are not
 * looked at.
 */
import { z } from "zod";
import type { ClipSettings, TowerSettings } from "./config.js";
import { type ConfigFile, epsilon, parseConfig, size } from "./config-file.js";
import { huggingFacePreprocessing } from "./hugging-face-preprocessing.js";
import { ACTIVATIONS, type Activation } from "./transformer.js";

const DEFAULTS = { visionHeads: 12, textHeads: 8, imageSize: 224, epsilon: 1e-5 };

/** What files say that were written before pooling looked at the end token: the largest id was, and is, used. */
const LEGACY_END_TOKEN = 2;

/** Names of Transformers that are not those used here. */
const OTHER_NAMES: Readonly<Record<string, Activation>> = { gelu_pytorch_tanh: "gelu_tanh", gelu_new: "gelu_tanh" };

export const activation = z.preprocess(
  (name) => (typeof name === "string" && Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : name),
  z.enum(Object.keys(ACTIVATIONS) as [Activation, ...Activation[]]),
);

const towerSchema = z.object({
  num_attention_heads: size.nullish(),
  hidden_act: activation.nullish(),
  layer_norm_eps: epsilon.nullish(),
});
const visionSchema = towerSchema.extend({ image_size: size.nullish() });
const textSchema = towerSchema.extend({ eos_token_id: z.number().int().min(0).nullish() });

const wholeSchema = z.object({
  model_type: z.literal("clip"),
  vision_config: visionSchema.nullish(),
  text_config: textSchema.nullish(),
  // Where older files have these, Transformers lets them override the two above, defaults included.
  vision_config_dict: visionSchema.nullish(),
  text_config_dict: textSchema.nullish(),
});
const visionOnlySchema = visionSchema.extend({ model_type: z.literal("clip_vision_model") });
const modelTypeSchema = z.object({
  model_type: z.enum(["clip", "clip_vision_model"], {
    error: "clip, siglip, vit, dinov2 or dinov2_with_registers, or a vision model of one of these",
  }),
});

/** `preprocessor` and `processor` describe the preparation of pictures. Throws `ModelConfigError`. */
export function huggingFaceSettings(
  file: ConfigFile,
  preprocessor: ConfigFile | undefined,
  processor: ConfigFile | undefined,
): ClipSettings {
  const { vision, text } = towersOf(file);
  const tower = (given: z.infer<typeof towerSchema> | null | undefined, heads: number): TowerSettings => ({
    heads: given?.num_attention_heads ?? heads,
    activation: given?.hidden_act ?? "quick_gelu",
    epsilon: given?.layer_norm_eps ?? DEFAULTS.epsilon,
  });
  const imageSize = vision?.image_size ?? DEFAULTS.imageSize;
  const endToken = text?.eos_token_id ?? undefined;
  return {
    source: file.path,
    family: "clip",
    vision: { ...tower(vision, DEFAULTS.visionHeads), imageSize },
    text: {
      ...tower(text, DEFAULTS.textHeads),
      ...(endToken === undefined ? {} : { endToken: endToken === LEGACY_END_TOKEN ? "largest" : endToken }),
    },
    preprocessing: huggingFacePreprocessing(preprocessor, processor, imageSize),
  };
}

type Towers = Pick<z.infer<typeof wholeSchema>, "vision_config" | "text_config">;

function towersOf(file: ConfigFile): { vision: Towers["vision_config"]; text?: Towers["text_config"] } {
  if (parseConfig(file, modelTypeSchema).model_type === "clip_vision_model") {
    return { vision: parseConfig(file, visionOnlySchema) };
  }
  const whole = parseConfig(file, wholeSchema);
  return {
    vision: whole.vision_config_dict ?? whole.vision_config,
    text: whole.text_config_dict ?? whole.text_config,
  };
}
