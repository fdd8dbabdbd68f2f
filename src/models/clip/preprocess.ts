/** From a picture to the pixels a model expects. */
import { centerCrop, resizeExact, resizeShorterSide } from "../../engine/media/crop.js";
import type { RgbImage } from "../../engine/media/image.js";
import type { Resampling } from "../../engine/media/resize-filters.js";

type Triple = readonly [number, number, number];

export interface Preprocessing {
  /** Per channel (red, green, blue), for values from 0 to 1. */
  readonly mean: Triple;
  readonly std: Triple;
  readonly filter: "bicubic" | "bilinear";
  /** "crop": shorter side to the model's size, then the centre square. "squash": both sides to the model's size. */
  readonly fit: "crop" | "squash";
  /** Pixels to resize to where that is more than the model's size, which is then cut from the centre. */
  readonly resizeTo?: number;
}

/** What OpenAI's CLIP was trained with, and most OpenCLIP models after it. */
export const OPENAI_PREPROCESSING: Preprocessing = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
  filter: "bicubic",
  fit: "crop",
};

/** With the statistics of ImageNet, as in DINO and DINOv2. */
export const IMAGENET_PREPROCESSING: Preprocessing = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
  filter: "bicubic",
  fit: "crop",
};

/** Values from -1 to 1, of the whole picture: what SigLIP was trained with. */
export const HALF_PREPROCESSING: Preprocessing = {
  mean: [0.5, 0.5, 0.5],
  std: [0.5, 0.5, 0.5],
  filter: "bicubic",
  fit: "squash",
};

/** How a picture is brought to the model's size; labels of its pixels are brought there too, by filter "nearest". */
export type Fitting = Pick<Preprocessing, "fit" | "resizeTo"> & { readonly filter: Resampling };

/** The square part of the picture that the model sees, at the model's size, before normalisation. */
export function fitImage(image: RgbImage, size: number, { fit, filter, resizeTo = size }: Fitting): RgbImage {
  const resized =
    fit === "squash" ? resizeExact(image, resizeTo, resizeTo, filter) : resizeShorterSide(image, resizeTo, filter);
  return centerCrop(resized, size);
}

/**
 * The same preparation for a model that sees pictures of `to` pixels instead of `from`: the resize grows in proportion, so
 * that the same part of the picture is seen.
 */
export function rescaledPreprocessing(preprocessing: Preprocessing, from: number, to: number): Preprocessing {
  const { resizeTo: before = from, ...rest } = preprocessing;
  const resizeTo = Math.max(to, Math.round((before * to) / from));
  return resizeTo === to ? rest : { ...rest, resizeTo };
}
