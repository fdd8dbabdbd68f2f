import { axisWeights } from "./resize-weights.js";
import { checkSide } from "./resize.js";
import type { ResizeFilter } from "./resize-filters.js";

/**
 * Antialiased resampling of one axis as a matrix [to, from], row-major: what torch's `interpolate(antialias=True,
 * align_corners=False)` applies to float values. Throws UsageError when a size is not a whole number from 1.
 */
export function resizeMatrix(from: number, to: number, filter: ResizeFilter): Float32Array {
  checkSide("axis", from);
  checkSide("axis", to);
  const { first, count, weights, taps } = axisWeights(from, to, filter);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    matrix.set(weights.subarray(i * taps, i * taps + count[i]!), i * from + first[i]!);
  }
  return matrix;
}
