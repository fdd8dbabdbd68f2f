/** Maps over image tokens on the picture that they are of: the border that squares a picture, and what cropping leaves out, are no part of it. */
import { upsample } from "../../engine/media/upsample.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What of a picture image tokens cover, in its pixels: a rectangle that may reach past its edges. */
export interface Field extends PictureSize {
  readonly left: number;
  readonly top: number;
}

export function fieldOf({ parts: { tower, config } }: VisionLanguageModel, { width, height }: PictureSize): Field {
  const { preprocessing, vision } = tower.parts;
  const centred = (side: number): Field => ({
    left: Math.floor((width - side) / 2),
    top: Math.floor((height - side) / 2),
    width: side,
    height: side,
  });
  if (config.padToSquare) return centred(Math.max(width, height));
  if (preprocessing.fit === "squash") return { left: 0, top: 0, width, height };
  const { resizeTo = vision.imageSize } = preprocessing;
  return centred(Math.max(1, Math.round((Math.min(width, height) * vision.imageSize) / resizeTo)));
}

/** Of numbers by image token, those of patches [g·g]: class tokens come before them. Throws `MissingPartError` where none is a patch. */
export function patchesOf({ grid }: VisionLanguageModel, map: Float32Array): Float32Array {
  return map.subarray(map.length - grid * grid);
}

/** A map [g·g] as [H,W] of the picture, bilinear; NaN where no token looks. */
export function mapOnPicture(map: Float32Array, picture: PictureSize, field: Field): Float32Array {
  const grid = Math.sqrt(map.length);
  const fine = upsample(map, { width: grid, height: grid }, field, "bilinear");
  const out = new Float32Array(picture.width * picture.height).fill(NaN);
  for (let y = Math.max(0, field.top); y < Math.min(picture.height, field.top + field.height); y++) {
    for (let x = Math.max(0, field.left); x < Math.min(picture.width, field.left + field.width); x++) {
      out[y * picture.width + x] = fine[(y - field.top) * field.width + x - field.left]!;
    }
  }
  return out;
}
