/**
 * `config.json` of vision-language models: Hugging Face's LLaVA and InstructBLIP, with the configurations of the parts inside, and LLaVA's
 * original one, which is the language model's with what concerns pictures beside.
 *
 * @file Absent keys mean the defaults of Transformers' `LlavaConfig`, `InstructBlipConfig` and `InstructBlipQFormerConfig`.
 */
import { z } from "zod";
import { type ConfigFile, epsilon, off, parseConfig, size } from "../clip/config-file.js";
import { activation } from "../clip/hugging-face-config.js";
import { languageConfig } from "../language/read-config.js";
import { INSTRUCTBLIP_PROMPT, VICUNA_PROMPT, type VlmConfig } from "./config.js";
import type { QueryFormerConfig } from "./query-former.js";

const layer = z.number().int().min(-1000).max(1000);
const strategy = z.enum(["default", "full"], { error: "default or full" });

const huggingFace = z.object({
  model_type: z.literal("llava", { error: "llava" }),
  text_config: z.looseObject({}),
  vision_config: z.looseObject({ model_type: z.string().nullish() }),
  vision_feature_layer: layer.nullish(),
  vision_feature_select_strategy: strategy.nullish(),
  projector_hidden_act: z.literal("gelu", { error: "gelu" }).nullish(),
});

const instructBlip = z.object({
  model_type: z.literal("instructblip"),
  // Without a word, it is an OPT, which is not built.
  text_config: z.looseObject({ model_type: z.string().nullish() }).nullish(),
  vision_config: z.looseObject({}).nullish(),
  num_query_tokens: size.nullish(),
  qformer_config: z
    .object({
      num_attention_heads: size.nullish(),
      hidden_act: activation.nullish(),
      layer_norm_eps: epsilon.nullish(),
      position_embedding_type: z.literal("absolute", { error: "absolute" }).nullish(),
    })
    .nullish(),
});
const kind = z.looseObject({
  model_type: z
    .string()
    .refine((type) => /^(llava|instructblip)/.test(type), { error: "llava or instructblip" })
    .nullish(),
  mm_vision_tower: z.unknown().optional(),
});

const original = z.object({
  model_type: z.enum(["llava", "llava_llama", "llava_qwen", "llava_mistral"], { error: "llava" }),
  mm_vision_tower: z.string(),
  mm_vision_select_layer: layer.nullish(),
  mm_vision_select_feature: z.enum(["patch", "cls_patch"], { error: "patch or cls_patch" }).nullish(),
  mm_projector_type: z.literal("mlp2x_gelu", { error: "mlp2x_gelu" }),
  mm_use_im_start_end: off,
  image_aspect_ratio: z.enum(["pad", "square"], { error: "pad or square" }).nullish(),
  /** Of Vitrine's own models. */
  prompt: z.string().nullish(),
  belief: z.object({ lastLayer: z.number().int().min(0).max(1000) }).nullish(),
  erase: z
    .object({ layer, textLayer: layer, alpha: z.number().min(0).max(1000), threshold: z.number().min(0).max(1) })
    .nullish(),
});

export interface ReadVlmConfig extends VlmConfig {
  /** Where the tower is: its configuration, with weights inside the checkpoint, or the model that it is. */
  readonly towerSource: { readonly config: Readonly<Record<string, unknown>> } | { readonly ref: string };
  /** Whose chat template counts before `prompt`: a processor's, a tokenizer's too, or nobody's, the prompt being the model's own. */
  readonly templates: "processor" | "tokenizer" | "none";
  /** Of InstructBLIP. */
  readonly queries?: { readonly config: QueryFormerConfig; readonly count: number };
}

/** Throws `ModelConfigError`. */
export function vlmConfig(file: ConfigFile): ReadVlmConfig {
  const { model_type: type, mm_vision_tower: tower } = parseConfig(file, kind);
  if (tower !== undefined) return originalConfig(file);
  return type === "instructblip" ? instructBlipConfig(file) : huggingFaceConfig(file);
}

const QUERY_DEFAULTS = { heads: 12, activation: "gelu", epsilon: 1e-12, count: 32 } as const;

function instructBlipConfig(file: ConfigFile): ReadVlmConfig {
  const given = parseConfig(file, instructBlip);
  const { num_attention_heads: heads, hidden_act: act, layer_norm_eps: eps } = given.qformer_config ?? {};
  const text = { ...given.text_config, model_type: given.text_config?.model_type ?? "opt" };
  return {
    language: languageConfig({ path: `${file.path}: text_config`, json: text }),
    tower: { layer: "normed", withPrefix: true },
    padToSquare: false,
    prompt: INSTRUCTBLIP_PROMPT,
    // Its tokenizer is that of a language model, which may have a template for texts.
    templates: "processor",
    towerSource: { config: { ...given.vision_config, model_type: "instructblip_vision_model" } },
    queries: {
      config: {
        heads: heads ?? QUERY_DEFAULTS.heads,
        activation: act ?? QUERY_DEFAULTS.activation,
        epsilon: eps ?? QUERY_DEFAULTS.epsilon,
      },
      count: given.num_query_tokens ?? QUERY_DEFAULTS.count,
    },
  };
}

function huggingFaceConfig(file: ConfigFile): ReadVlmConfig {
  const given = parseConfig(file, huggingFace);
  const text = { model_type: "llama", ...given.text_config };
  // Both towers' files say what they are; older ones leave out that this is a CLIP.
  const vision = { ...given.vision_config, model_type: given.vision_config.model_type ?? "clip_vision_model" };
  return {
    language: languageConfig({ path: `${file.path}: text_config`, json: text }),
    tower: {
      layer: given.vision_feature_layer ?? -2,
      withPrefix: given.vision_feature_select_strategy === "full",
    },
    padToSquare: false,
    prompt: VICUNA_PROMPT,
    templates: "tokenizer",
    towerSource: { config: vision },
  };
}

const LANGUAGE_FAMILIES = {
  llava: "llama",
  llava_llama: "llama",
  llava_qwen: "qwen2",
  llava_mistral: "mistral",
} as const;

function originalConfig(file: ConfigFile): ReadVlmConfig {
  const given = parseConfig(file, original);
  const text = { ...(file.json as object), model_type: LANGUAGE_FAMILIES[given.model_type] };
  return {
    language: languageConfig({ path: file.path, json: text }),
    tower: {
      layer: given.mm_vision_select_layer ?? -2,
      withPrefix: given.mm_vision_select_feature === "cls_patch",
    },
    padToSquare: given.image_aspect_ratio === "pad",
    prompt: given.prompt ?? VICUNA_PROMPT,
    templates: given.prompt == null ? "processor" : "none",
    ...(given.erase == null ? {} : { erase: given.erase }),
    ...(given.belief == null ? {} : { belief: given.belief }),
    towerSource: { ref: given.mm_vision_tower },
  };
}
