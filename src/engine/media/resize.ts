/**
 * Pillow's antialiased resize for 8-bit images, reproduced to the last bit: two separable passes, columns then rows,
 * each rounded to 8 bits, with filter weights in fixed point. Checked against Pillow's output in test/fixtures/pillow.
 */
import { UsageError } from "../errors.js";
import { type RgbImage, rgbImage } from "./image.js";
import type { Resampling, ResizeFilter } from "./resize-filters.js";
import { resizeNearest } from "./resize-nearest.js";
import { type AxisWeights, axisWeights } from "./resize-weights.js";

/** Weights are integers of 1/2²²: 8 bits of pixel and 2 of head room for filter overshoot remain of 32. */
const WEIGHT_BITS = 22;
const HALF = 1 << (WEIGHT_BITS - 1);

/**
 * Resizes to `width`×`height`, squashing where the aspect ratio differs; equals Pillow's
 * `image.resize((width, height), filter)`. Throws UsageError when a size is not a whole number from 1.
 */
export function resize(image: RgbImage, width: number, height: number, filter: Resampling): RgbImage {
  checkSide("width", width);
  checkSide("height", height);
  if (filter === "nearest") return resizeNearest(image, width, height);
  const rows = height === image.height ? null : fixedWeights(image.height, height, filter);
  // Only the rows that the second pass reads are filtered by the first.
  const top = rows ? rows.first[0]! : 0;
  const bottom = rows ? rows.first[height - 1]! + rows.count[height - 1]! : image.height;
  const narrowed =
    width === image.width ? image : resizeColumns(image, fixedWeights(image.width, width, filter), top, bottom);
  if (!rows) return narrowed;
  return resizeRows(narrowed, rows, narrowed === image ? 0 : top);
}

export function checkSide(name: string, pixels: number): void {
  if (Number.isSafeInteger(pixels) && pixels >= 1) return;
  throw new UsageError({ what: `unusable image ${name}`, got: String(pixels), expected: "a whole number from 1" });
}

/** Weights in fixed point, which is what makes Pillow's rounding. */
function fixedWeights(from: number, to: number, filter: ResizeFilter): AxisWeights<Int32Array> {
  const axis = axisWeights(from, to, filter);
  return { ...axis, weights: Int32Array.from(axis.weights, fixedPoint) };
}

function fixedPoint(weight: number): number {
  return Math.trunc(weight * (1 << WEIGHT_BITS) + (weight < 0 ? -0.5 : 0.5));
}

/** First pass: each of the source rows `top` to `bottom` becomes one row as wide as the output. */
function resizeColumns(image: RgbImage, axis: AxisWeights<Int32Array>, top: number, bottom: number): RgbImage {
  const stride = image.width * 3;
  const width = axis.first.length;
  const out = new Uint8ClampedArray((bottom - top) * width * 3);
  // Two rows at a time share the loads of weights; float64 sums are exact here and measured quicker than integers.
  const even = new Float64Array(stride);
  const odd = new Float64Array(stride);
  const weights = Float64Array.from(axis.weights);
  for (let y = top; y < bottom; y += 2) {
    const next = Math.min(y + 1, bottom - 1);
    even.set(image.data.subarray(y * stride, (y + 1) * stride));
    odd.set(image.data.subarray(next * stride, (next + 1) * stride));
    filterRowPair(even, odd, { ...axis, weights }, out, (y - top) * width * 3, (next - top) * width * 3);
  }
  return rgbImage(width, bottom - top, new Uint8Array(out.buffer));
}

/** Filters two rows; their outputs start at `atEven` and `atOdd` of `out`. */
function filterRowPair(
  even: Float64Array,
  odd: Float64Array,
  { first, count, weights, taps }: AxisWeights,
  out: Uint8ClampedArray,
  atEven: number,
  atOdd: number,
): void {
  for (let x = 0; x < first.length; x++) {
    let evenRed = HALF;
    let evenGreen = HALF;
    let evenBlue = HALF;
    let oddRed = HALF;
    let oddGreen = HALF;
    let oddBlue = HALF;
    let pixel = first[x]! * 3;
    const end = x * taps + count[x]!;
    for (let k = x * taps; k < end; k++) {
      const weight = weights[k]!;
      evenRed += even[pixel]! * weight;
      evenGreen += even[pixel + 1]! * weight;
      evenBlue += even[pixel + 2]! * weight;
      oddRed += odd[pixel]! * weight;
      oddGreen += odd[pixel + 1]! * weight;
      oddBlue += odd[pixel + 2]! * weight;
      pixel = (pixel + 3) | 0;
    }
    out[atEven + x * 3] = evenRed >> WEIGHT_BITS;
    out[atEven + x * 3 + 1] = evenGreen >> WEIGHT_BITS;
    out[atEven + x * 3 + 2] = evenBlue >> WEIGHT_BITS;
    out[atOdd + x * 3] = oddRed >> WEIGHT_BITS;
    out[atOdd + x * 3 + 1] = oddGreen >> WEIGHT_BITS;
    out[atOdd + x * 3 + 2] = oddBlue >> WEIGHT_BITS;
  }
}

/** Second pass, over an image whose row 0 is the source's row `top`. */
function resizeRows(image: RgbImage, axis: AxisWeights<Int32Array>, top: number): RgbImage {
  const { first, count, weights, taps } = axis;
  const stride = image.width * 3;
  const height = first.length;
  const out = new Uint8ClampedArray(height * stride);
  const sums = new Int32Array(stride);
  for (let y = 0; y < height; y++) {
    const last = count[y]! - 1;
    const row = (k: number): Uint8Array => {
      const start = (first[y]! - top + Math.min(k, last)) * stride;
      return image.data.subarray(start, start + stride);
    };
    const weight = (k: number): number => (k > last ? 0 : weights[y * taps + k]!);
    sums.fill(HALF);
    for (let k = 0; k <= last; k += 4) {
      const [a, b, c, d] = [weight(k), weight(k + 1), weight(k + 2), weight(k + 3)];
      addFourRows(sums, row(k), row(k + 1), row(k + 2), row(k + 3), a, b, c, d);
    }
    for (let i = 0; i < stride; i++) out[y * stride + i] = sums[i]! >> WEIGHT_BITS;
  }
  return rgbImage(image.width, height, new Uint8Array(out.buffer));
}

/** Four rows at a time, since loading and storing the sums costs as much as a product. */
function addFourRows(
  sums: Int32Array,
  row0: Uint8Array,
  row1: Uint8Array,
  row2: Uint8Array,
  row3: Uint8Array,
  weight0: number,
  weight1: number,
  weight2: number,
  weight3: number,
): void {
  for (let i = 0; i < sums.length; i++) {
    const two = (Math.imul(row0[i]!, weight0) + Math.imul(row1[i]!, weight1)) | 0;
    sums[i] = (sums[i]! + two + Math.imul(row2[i]!, weight2) + Math.imul(row3[i]!, weight3)) | 0;
  }
}
