import { axisWeights } from "./resize-weights.js";
import { checkSide } from "./resize.js";
import { cubic, type ResizeFilter } from "./resize-filters.js";

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

/** torch's a for cubic convolution without antialiasing; with it, and in Pillow, a is -0.5. */
const SHARPER = -0.75;

/**
 * Cubic interpolation of one axis as a matrix [to, from], row-major, without antialiasing: what torch's `interpolate(mode="bicubic",
 * align_corners=False)` applies, positions beyond an end taking the value there. `scale` is what torch is told: output per
 * input positions. Throws UsageError when a size is not a whole number from 1.
 */
export function interpolationMatrix(from: number, to: number, scale = to / from): Float32Array {
  checkSide("axis", from);
  checkSide("axis", to);
  const matrix = new Float32Array(to * from);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) / scale - 0.5;
    const left = Math.floor(centre);
    for (let tap = -1; tap <= 2; tap++) {
      const at = Math.min(from - 1, Math.max(0, left + tap));
      matrix[i * from + at]! += cubic(Math.abs(left + tap - centre), SHARPER);
    }
  }
  return matrix;
}
