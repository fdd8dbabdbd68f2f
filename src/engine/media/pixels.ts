import { UsageError } from "../errors.js";
import { type FloatTensor, floatTensor } from "../tensor/tensor.js";
import type { RgbImage } from "./image.js";

/** Per-channel statistics that inputs are normalised with, in units of full scale (0 to 1), red first. */
export interface Normalisation {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/**
 * Normalised model input [B,3,H,W]: (level / 255 − mean) / std, each step rounded to float32 in torchvision's order
 * (`ToTensor`, then `Normalize`). Throws UsageError for no image, images of several sizes, or a std that is not positive.
 */
export function toPixels(images: readonly RgbImage[], { mean, std }: Normalisation): FloatTensor {
  const [first] = images;
  if (!first) throw new UsageError({ what: "no image to make model input of" });
  const { width, height } = first;
  const odd = images.findIndex((image) => image.width !== width || image.height !== height);
  if (odd >= 0) {
    throw new UsageError({
      what: "images of one batch differ in size",
      got: `${images[odd]!.width}×${images[odd]!.height} at position ${odd}`,
      expected: `${width}×${height}`,
    });
  }
  const levels = [0, 1, 2].map((channel) => normalisedLevels(mean[channel]!, std[channel]!));
  const plane = width * height;
  const out = new Float32Array(images.length * 3 * plane);
  images.forEach(({ data }, b) => {
    levels.forEach((table, channel) => {
      const start = (b * 3 + channel) * plane;
      for (let i = 0; i < plane; i++) out[start + i] = table[data[i * 3 + channel]!]!;
    });
  });
  return floatTensor(out, [images.length, 3, height, width]);
}

/** The normalised value of each of the 256 levels of one channel. */
function normalisedLevels(mean: number, std: number): Float32Array {
  if (!(std > 0)) throw new UsageError({ what: "unusable std", got: String(std), expected: "a number above 0" });
  const f32 = Math.fround;
  return Float32Array.from({ length: 256 }, (_, level) => f32(f32(f32(level / 255) - f32(mean)) / f32(std)));
}
