/**
 * What a checkpoint's configuration files say and its weights cannot: heads, activation, preprocessing.
 *
 * @file Formats: OpenCLIP's `open_clip_config.json`; Hugging Face's `config.json` (model type "clip") with
 * `preprocessor_config.json`. Without either, published architectures are recognised by their sizes.
 */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { ModelConfigError } from "./errors.js";
import type { Layout } from "./layouts.js";
import { OPENAI_PREPROCESSING, type Preprocessing } from "./preprocess.js";
import { ACTIVATIONS, type Activation } from "./transformer.js";

/** A tower as a configuration file describes it; what is absent is decided by the weights. */
export interface TowerSettings {
  readonly heads?: number;
  /** Width of a head; `heads` is the tower's width divided by it. */
  readonly headWidth?: number;
  readonly activation: Activation;
  readonly epsilon: number;
}

export interface ClipSettings {
  /** The file that says so. */
  readonly source: string;
  readonly vision: TowerSettings & { readonly imageSize?: number };
  readonly text: TowerSettings;
  readonly preprocessing: Preprocessing;
}

const EPSILON = 1e-5;
const LARGEST_FILE = 10 * 1024 * 1024;

/**
 * Reads the configuration in `folder`, or nothing when there is none. A folder may hold both kinds: the one that belongs
 * to the weights' layout comes first. Throws {@link ModelConfigError}.
 */
export async function readSettings(folder: string, layout: Layout): Promise<ClipSettings | undefined> {
  const readers = [readOpenClip, readHuggingFace];
  if (layout === "hugging-face") readers.reverse();
  return (await readers[0]!(folder)) ?? (await readers[1]!(folder));
}

async function readOpenClip(folder: string): Promise<ClipSettings | undefined> {
  const config = await readJson(join(folder, "open_clip_config.json"));
  return config && openClipSettings(config.path, config.json);
}

async function readHuggingFace(folder: string): Promise<ClipSettings | undefined> {
  const config = await readJson(join(folder, "config.json"));
  if (config === undefined) return undefined;
  return huggingFaceSettings(config.path, config.json, await readJson(join(folder, "preprocessor_config.json")));
}

const size = z.number().int().min(1).max(65_536);
const positive = z.number().positive();
const channels = z.tuple([z.number(), z.number(), z.number()]);
const deviations = z.tuple([positive, positive, positive]);
const square = z.union([size, z.tuple([size, size]).refine(([a, b]) => a === b, "must be square")]);
const sideOf = (value: z.infer<typeof square>): number => (typeof value === "number" ? value : value[0]);

/** OpenCLIP options that change the computation and are not built; `false` and absent mean off. */
const off = z.union([z.literal(false), z.null()]).optional();
const openClipTower = z.object({
  width: size,
  layers: z.number({ error: "must be a number: ResNet towers are not supported" }).int().min(1),
  act_kwargs: off,
  norm_kwargs: z.object({ eps: positive.optional() }).nullish(),
});

const openClipSchema = z.object({
  model_cfg: z.object({
    embed_dim: size,
    quick_gelu: z.boolean().nullish(),
    vision_cfg: openClipTower.extend({
      image_size: square,
      patch_size: square,
      head_width: size.nullish(),
      timm_model_name: off,
      attentional_pool: off,
      global_average_pool: off,
      no_ln_pre: off,
      pool_type: z.literal("tok").nullish(),
      output_tokens: off,
      qk_norm: off,
      scaled_cosine_attn: off,
    }),
    text_cfg: openClipTower.extend({
      heads: size,
      embed_cls: off,
      hf_model_name: off,
      no_causal_mask: off,
      pool_type: z.literal("argmax").nullish(),
      proj_bias: off,
    }),
  }),
  preprocess_cfg: z
    .object({
      mean: channels.nullish(),
      std: deviations.nullish(),
      interpolation: z.enum(["bicubic", "bilinear"]).nullish(),
      resize_mode: z.enum(["shortest", "squash"]).nullish(),
    })
    .nullish(),
});

function openClipSettings(source: string, json: unknown): ClipSettings {
  const { model_cfg: model, preprocess_cfg: preprocess } = parse(source, openClipSchema, json);
  const { vision_cfg: vision, text_cfg: text } = model;
  const activation = model.quick_gelu === true ? "quick_gelu" : "gelu";
  const imageSize = sideOf(vision.image_size);
  return {
    source,
    vision: {
      headWidth: vision.head_width ?? 64,
      activation,
      epsilon: vision.norm_kwargs?.eps ?? EPSILON,
      imageSize,
    },
    text: { heads: text.heads, activation, epsilon: text.norm_kwargs?.eps ?? EPSILON },
    preprocessing: {
      mean: preprocess?.mean ?? OPENAI_PREPROCESSING.mean,
      std: preprocess?.std ?? OPENAI_PREPROCESSING.std,
      filter: preprocess?.interpolation ?? "bicubic",
      fit: preprocess?.resize_mode === "squash" ? "squash" : "crop",
    },
  };
}

const activation = z.enum(Object.keys(ACTIVATIONS) as [Activation, ...Activation[]]);
const huggingFaceTower = z.object({
  num_attention_heads: size.optional(),
  hidden_act: activation.optional(),
  layer_norm_eps: positive.optional(),
});

const huggingFaceSchema = z.object({
  model_type: z.literal("clip"),
  vision_config: huggingFaceTower.extend({ image_size: size.optional() }).optional(),
  text_config: huggingFaceTower.optional(),
});

const RESAMPLING = { 2: "bilinear", 3: "bicubic" } as const;
const edge = z.union([size, z.object({ shortest_edge: size })]);
const rectangle = z.object({ height: size, width: size });
const preprocessorSchema = z.object({
  image_mean: channels.optional(),
  image_std: deviations.optional(),
  resample: z.union([z.literal(2), z.literal(3)]).optional(),
  size: z.union([edge, rectangle]).optional(),
  do_center_crop: z.boolean().optional(),
  do_normalize: z.literal(true).optional(),
  do_rescale: z.literal(true).optional(),
  do_resize: z.literal(true).optional(),
});

/** Absent keys mean the defaults of `CLIPVisionConfig` and `CLIPTextConfig`: newer files only hold what differs. */
function huggingFaceSettings(
  source: string,
  json: unknown,
  preprocessor: { path: string; json: unknown } | undefined,
): ClipSettings {
  const { vision_config: vision, text_config: text } = parse(source, huggingFaceSchema, json);
  const pixels =
    preprocessor === undefined ? undefined : parse(preprocessor.path, preprocessorSchema, preprocessor.json);
  const squash = pixels?.do_center_crop === false || (typeof pixels?.size === "object" && "height" in pixels.size);
  const tower = (given: z.infer<typeof huggingFaceTower> | undefined, heads: number): TowerSettings => ({
    heads: given?.num_attention_heads ?? heads,
    activation: given?.hidden_act ?? "quick_gelu",
    epsilon: given?.layer_norm_eps ?? EPSILON,
  });
  return {
    source,
    vision: { ...tower(vision, 12), imageSize: vision?.image_size ?? 224 },
    text: tower(text, 8),
    preprocessing: {
      mean: pixels?.image_mean ?? OPENAI_PREPROCESSING.mean,
      std: pixels?.image_std ?? OPENAI_PREPROCESSING.std,
      filter: RESAMPLING[pixels?.resample ?? 3],
      fit: squash ? "squash" : "crop",
    },
  };
}

function parse<T>(path: string, schema: z.ZodType<T>, json: unknown): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new ModelConfigError({
    what: "the configuration describes a model that cannot be built",
    where: `${path}: ${issue.path.join(".") || "top level"}`,
    got: issue.message,
    fix: "Vitrine builds CLIPs with vision transformers; check that this is one",
  });
}

async function readJson(path: string): Promise<{ path: string; json: unknown } | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw unreadable(path, error);
  }
  try {
    if (bytes.length > LARGEST_FILE) throw new Error(`${bytes.length} bytes are too many for a configuration`);
    return { path, json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch (error) {
    throw unreadable(path, error);
  }
}

function unreadable(path: string, cause: unknown): ModelConfigError {
  return new ModelConfigError({
    what: `${basename(path)} cannot be read`,
    where: path,
    got: cause instanceof Error ? cause.message : String(cause),
    expected: "a JSON object",
    fix: "get the file again",
    cause,
  });
}
