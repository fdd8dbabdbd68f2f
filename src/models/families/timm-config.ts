/** timm's `config.json`, and what the original releases of DINO and DINOv2 leave to their code. */
import { z } from "zod";
import type { ClipSettings } from "../clip/config.js";
import { type ConfigFile, deviations, means, parseConfig, size } from "../clip/config-file.js";
import type { Family } from "../clip/layouts.js";
import { IMAGENET_PREPROCESSING } from "../clip/preprocess.js";

const EPSILON = 1e-6;
/** Every published model's. */
const HEAD_WIDTH = 64;
/** How the original releases evaluate: resized, and a square of this size cut out. */
const ORIGINAL = { resizeTo: 256, imageSize: 224 };
const CROP = 0.875;

const square = z.tuple([z.literal(3), size, size]).refine(([, a, b]) => a === b, "three channels of a square");

const schema = z.object({
  architecture: z.string().startsWith("vit_", { error: "a vision transformer, vit_…" }),
  global_pool: z.literal("token", { error: "token, the class token: other pooling is not supported" }).nullish(),
  pretrained_cfg: z.object({
    input_size: square,
    interpolation: z.enum(["bicubic", "bilinear"]).nullish(),
    crop_pct: z.number().min(0.1).max(1).nullish(),
    crop_mode: z.enum(["center", "squash"]).nullish(),
    mean: means.nullish(),
    std: deviations.nullish(),
  }),
});

/** Throws `ModelConfigError`. */
export function timmSettings(file: ConfigFile): ClipSettings {
  const { architecture, pretrained_cfg: given } = parseConfig(file, schema);
  const imageSize = given.input_size[1];
  const fit = given.crop_mode === "squash" ? "squash" : "crop";
  const resizeTo = Math.floor(imageSize / (given.crop_pct ?? CROP));
  return {
    source: file.path,
    family: architecture.includes("dinov2") ? "dinov2" : "vit",
    vision: {
      headWidth: HEAD_WIDTH,
      activation: "gelu",
      epsilon: EPSILON,
      imageSize,
      positionResampling: "antialiased",
    },
    preprocessing: {
      mean: given.mean ?? IMAGENET_PREPROCESSING.mean,
      std: given.std ?? IMAGENET_PREPROCESSING.std,
      filter: given.interpolation ?? "bicubic",
      fit,
      ...(resizeTo === imageSize ? {} : { resizeTo }),
    },
  };
}

/** Of the original releases, which have no configuration. */
export function originalSettings(family: Family, path: string, registers: boolean): ClipSettings {
  return {
    source: path,
    family,
    vision: {
      headWidth: HEAD_WIDTH,
      activation: "gelu",
      epsilon: EPSILON,
      imageSize: ORIGINAL.imageSize,
      positionResampling: registers ? "antialiased" : "offset",
    },
    preprocessing: { ...IMAGENET_PREPROCESSING, resizeTo: ORIGINAL.resizeTo },
  };
}
