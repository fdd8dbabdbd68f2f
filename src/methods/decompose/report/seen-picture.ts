import { type RgbImage, rgbImage } from "../../../engine/media/image.js";
import type { FloatTensor } from "../../../engine/tensor/tensor.js";
import type { Preprocessing } from "../../../models/clip/preprocess.js";

/** The picture that a model sees in row `row` of its input [B,3,S,S]: cropped, at its size, with the normalisation undone. */
export function seenPicture({ data, shape }: FloatTensor, row: number, { mean, std }: Preprocessing): RgbImage {
  const [, , height, width] = shape as [number, number, number, number];
  const plane = width * height;
  const levels = new Uint8ClampedArray(plane * 3);
  for (let channel = 0; channel < 3; channel++) {
    const start = (row * 3 + channel) * plane;
    for (let i = 0; i < plane; i++) levels[i * 3 + channel] = (data[start + i]! * std[channel]! + mean[channel]!) * 255;
  }
  return rgbImage(width, height, new Uint8Array(levels.buffer));
}
