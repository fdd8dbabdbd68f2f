/** Between pictures and what a generator takes and gives. */
import { centerCrop } from "../../engine/media/crop.js";
import { type RgbImage, rgbImage } from "../../engine/media/image.js";
import { resize } from "../../engine/media/resize.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { IdempotentArchitecture } from "./architecture.js";

/** What was done to a picture so that the generator can take it; empty for one that fits. */
export type Adaptation = "cropped" | "resized" | "grey";

export interface AdaptedPicture {
  /** [1,C,S,S] in [-1, 1]. */
  readonly pixels: FloatTensor;
  readonly adaptations: readonly Adaptation[];
}

/** ITU-R BT.601 in 16 bits: as Pillow's "L", to the level. */
const LUMA = [19595, 38470, 7471] as const;

/** The middle square of a picture, resized (bicubic, antialiased), grey where the generator is. All of it is whole levels, from 0 to 255. */
export function pixelsOfPicture(picture: RgbImage, { size, channels }: IdempotentArchitecture): AdaptedPicture {
  const adaptations: Adaptation[] = [];
  const side = Math.min(picture.width, picture.height);
  let image = picture;
  if (picture.width !== picture.height) {
    image = centerCrop(image, side);
    adaptations.push("cropped");
  }
  if (side !== size) {
    image = resize(image, size, size, "bicubic");
    adaptations.push("resized");
  }
  const area = size * size;
  const data = new Float32Array(channels * area);
  const { data: levels } = image;
  if (channels === 1) {
    for (let k = 0; k < area; k++) {
      const sum = LUMA.reduce((total, part, c) => total + part * levels[3 * k + c]!, 0x8000);
      data[k] = (sum >> 16) / 127.5 - 1;
    }
    if (levels.some((level, i) => level !== levels[i - (i % 3)])) adaptations.push("grey");
  } else {
    for (let i = 0; i < data.length; i++) data[i] = levels[3 * (i % area) + Math.floor(i / area)]! / 127.5 - 1;
  }
  return { pixels: floatTensor(data, [1, channels, size, size]), adaptations };
}

/** Pictures of pixels [B,C,S,S], cut off below -1 and above 1. */
export function picturesOfPixels({ data, shape }: FloatTensor): RgbImage[] {
  const [count, channels, height, width] = shape as [number, number, number, number];
  const area = height * width;
  return Array.from({ length: count }, (_, i) => {
    const levels = new Uint8Array(3 * area);
    for (let at = 0; at < levels.length; at++) {
      const channel = channels === 1 ? 0 : at % 3;
      const value = data[(i * channels + channel) * area + Math.floor(at / 3)]!;
      levels[at] = Math.round(127.5 * (Math.min(1, Math.max(-1, value)) + 1));
    }
    return rgbImage(width, height, levels);
  });
}
