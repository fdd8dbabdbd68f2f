/** torchvision's geometry for PIL images: `Resize(size)` and `CenterCrop(size)`. */
import { type RgbImage, rgbImage } from "./image.js";
import { checkSide, resize } from "./resize.js";
import type { Resampling } from "./resize-filters.js";

export { resize as resizeExact } from "./resize.js";

/**
 * Resizes so that the shorter side is `size`; the longer side is cut down to a whole number, as torchvision does.
 * Throws UsageError when `size` is not a whole number from 1.
 */
export function resizeShorterSide(image: RgbImage, size: number, filter: Resampling): RgbImage {
  checkSide("size", size);
  const { width, height } = image;
  const long = Math.trunc((size * Math.max(width, height)) / Math.min(width, height));
  return width <= height ? resize(image, size, long, filter) : resize(image, long, size, filter);
}

/**
 * Cuts `width`×`height` (a square when one size is given) from the middle; a side that is too short is padded with black,
 * the odd pixel after. Throws UsageError when a size is not a whole number from 1.
 */
export function centerCrop(image: RgbImage, width: number, height = width): RgbImage {
  checkSide("crop width", width);
  checkSide("crop height", height);
  const left = cropOffset(image.width, width);
  const top = cropOffset(image.height, height);
  const out = new Uint8Array(width * height * 3);
  const x0 = Math.max(0, left);
  const x1 = Math.min(image.width, left + width);
  for (let y = Math.max(0, top); y < Math.min(image.height, top + height); y++) {
    const row = image.data.subarray((y * image.width + x0) * 3, (y * image.width + x1) * 3);
    out.set(row, ((y - top) * width + x0 - left) * 3);
  }
  return rgbImage(width, height, out);
}

/** Where a crop of `to` pixels starts in `from`; negative where it needs padding first. */
function cropOffset(from: number, to: number): number {
  return to > from ? -Math.floor((to - from) / 2) : roundHalfEven((from - to) / 2);
}

/** Python's `round`. */
function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  if (x - floor !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}
