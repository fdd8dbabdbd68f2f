/**
 * OpenCLIP's `open_clip_config.json`.
 *
 * @file Keys and defaults are those of OpenCLIP's `CLIPVisionCfg`, `CLIPTextCfg` and `PreprocessCfg`. Like OpenCLIP itself,
 * unknown keys are refused: one that is not known may change the computation. What the weights show (widths, depths,
 * LayerScale) is read from them.
 */
import { z } from "zod";
import type { ClipSettings } from "./config.js";
import {
  type ConfigFile,
  deviations,
  epsilon,
  ignored,
  means,
  off,
  parseConfig,
  size,
  unsupportedConfig,
} from "./config-file.js";
import { OPENAI_PREPROCESSING } from "./preprocess.js";

const DEFAULTS = { headWidth: 64, imageSize: 224, textHeads: 8, epsilon: 1e-5 };

const square = z.union([size, z.tuple([size, size]).refine(([a, b]) => a === b)], { error: "one size, for squares" });
const sideOf = (value: z.infer<typeof square>): number => (typeof value === "number" ? value : value[0]);

const layers = z.number({
  error: ({ input }) => (Array.isArray(input) ? "one number: ResNet towers are not supported" : undefined),
});

const towerKeys = {
  width: size.nullish(),
  layers: layers.int().min(1).nullish(),
  mlp_ratio: z.number().positive().nullish(),
  ls_init_value: ignored,
  // Normalising before or after one token is picked gives the same vector.
  final_ln_after_pool: ignored,
  // Whether other tokens are returned too.
  output_tokens: ignored,
  act_kwargs: off,
  norm_kwargs: z.object({ eps: epsilon.nullish() }).catchall(off).nullish(),
  block_type: z.literal("default", { error: "default blocks: others are not supported" }).nullish(),
  qk_norm: off,
  scaled_cosine_attn: off,
  scale_heads: off,
  scale_attn_inner: off,
  scale_attn: off,
  scale_fc: off,
};

const visionSchema = z
  .object({
    ...towerKeys,
    image_size: square.nullish(),
    patch_size: square.nullish(),
    head_width: size.nullish(),
    patch_dropout: ignored,
    attentional_pool: off,
    attn_pooler_queries: ignored,
    attn_pooler_heads: ignored,
    no_ln_pre: off,
    // The table comes with the weights, whatever it was made of.
    pos_embed_type: z.enum(["learnable", "sin_cos_2d"]).nullish(),
    global_average_pool: off,
    pool_type: z.literal("tok", { error: "tok, the class token: other pooling is not supported" }).nullish(),
    timm_model_name: off,
    timm_model_pretrained: ignored,
    timm_pool: ignored,
    timm_proj: ignored,
    timm_proj_bias: ignored,
    timm_drop: ignored,
    timm_drop_path: ignored,
    timm_model_kwargs: ignored,
  })
  .catchall(off);

const textSchema = z
  .object({
    ...towerKeys,
    context_length: size.nullish(),
    vocab_size: z.number().int().min(1).nullish(),
    heads: size.nullish(),
    // tokenizer.json is what is read; these options would prepare texts in another way before it.
    text_arch: z.literal("clip").nullish(),
    hf_tokenizer_name: ignored,
    tokenizer_mode: off,
    tokenizer_kwargs: z
      .object({ clean: z.literal("lower").nullish() })
      .catchall(off)
      .nullish(),
    embed_cls: off,
    pad_id: ignored,
    eos_id: z.number().int().min(0).nullish(),
    no_causal_mask: off,
    pool_type: z.enum(["argmax", "eos"]).nullish(),
    proj_bias: off,
    proj_type: z.literal("linear").nullish(),
    hf_model_name: off,
    hf_model_pretrained: ignored,
    hf_proj_type: ignored,
    hf_pooler_type: ignored,
  })
  .catchall(off);

const statistics = <T extends z.ZodType>(triple: T, one: z.ZodNumber) =>
  z.union([triple, one.transform((x): [number, number, number] => [x, x, x])], { error: "three numbers" }).nullish();

const schema = z.object({
  model_cfg: z
    .object({
      embed_dim: size.nullish(),
      quick_gelu: z.boolean().nullish(),
      vision_cfg: visionSchema,
      text_cfg: textSchema,
      multimodal_cfg: off,
      // How the text tower's tensors are named, which the weights show.
      custom_text: ignored,
      init_logit_scale: ignored,
      init_logit_bias: ignored,
      nonscalar_logit_scale: ignored,
      cast_dtype: ignored,
      output_dict: ignored,
    })
    .catchall(off),
  preprocess_cfg: z
    .object({
      // OpenCLIP puts the vision tower's size in its place.
      size: ignored,
      mode: z.literal("RGB").nullish(),
      mean: statistics(means, means.def.items[0]),
      std: statistics(deviations, deviations.def.items[0]),
      interpolation: z.enum(["bicubic", "bilinear"]).nullish(),
      resize_mode: z.enum(["shortest", "squash"]).nullish(),
      // Of the border that only the resize mode "longest" adds.
      fill_color: ignored,
    })
    .catchall(off)
    .nullish(),
});

/** Throws `ModelConfigError`. */
export function openClipSettings(file: ConfigFile): ClipSettings {
  const { model_cfg: model, preprocess_cfg: preprocess } = parseConfig(file, schema);
  const { vision_cfg: vision, text_cfg: text } = model;
  const endToken = text.pool_type === "eos" ? text.eos_id : "largest";
  if (endToken == null) {
    // Its default is 2 in older versions of OpenCLIP and the tokenizer's in newer ones.
    throw unsupportedConfig(file.path, "model_cfg.text_cfg.eos_id", endToken, "the id that texts are pooled at");
  }
  const activation = model.quick_gelu === true ? "quick_gelu" : "gelu";
  return {
    source: file.path,
    family: "clip",
    vision: {
      headWidth: vision.head_width ?? DEFAULTS.headWidth,
      activation,
      epsilon: vision.norm_kwargs?.eps ?? DEFAULTS.epsilon,
      imageSize: sideOf(vision.image_size ?? DEFAULTS.imageSize),
    },
    text: {
      heads: text.heads ?? DEFAULTS.textHeads,
      activation,
      epsilon: text.norm_kwargs?.eps ?? DEFAULTS.epsilon,
      endToken,
    },
    preprocessing: {
      mean: preprocess?.mean ?? OPENAI_PREPROCESSING.mean,
      std: preprocess?.std ?? OPENAI_PREPROCESSING.std,
      filter: preprocess?.interpolation ?? "bicubic",
      fit: preprocess?.resize_mode === "squash" ? "squash" : "crop",
    },
  };
}
