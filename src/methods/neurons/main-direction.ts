/** The one direction along which a neuron's strongest effects lie. */
import { eigenSymmetric } from "../../engine/tensor/eigen.js";
import type { Random } from "../../engine/tensor/random.js";
import type { Strongest } from "./strongest-pictures.js";

export interface MainDirection {
  /** Weights [K] of the neuron's directions: their sum, of length 1; zeros for a neuron without effects. */
  readonly weights: Float64Array;
  /** Share of the effects' squared lengths along it. */
  readonly explained: number;
}

/**
 * The first right singular vector of the strongest effects (not centred again) of a neuron whose Gram matrix has the lower
 * triangular `factor` [K,K]. Most of the effects point along it; where as many point against it, the strongest does.
 */
export function mainDirection(
  { coefficients, pictures }: Strongest,
  factor: Float32Array,
  width: number,
): MainDirection {
  const count = pictures.length;
  const points = timesFactor(coefficients, factor, width);
  const total = points.reduce((sum, x) => sum + x * x, 0);
  if (!(total > 0)) return { weights: new Float64Array(width), explained: 0 };
  const { along, value } = strongestAxis(points, count, width);
  const sign = signOf(along);
  const weights = new Float64Array(width);
  along.forEach((projection, i) => {
    for (let k = 0; k < width; k++) weights[k]! += (sign * projection * coefficients[i * width + k]!) / value;
  });
  return { weights, explained: value / total };
}

/**
 * Share of the same squared lengths along a random sum of the neuron's directions, the mean of `draws`: what the main direction's share is
 * held against. 0 for a neuron without effects.
 */
export function randomDirectionShare(
  { coefficients, pictures }: Pick<Strongest, "coefficients" | "pictures">,
  factor: Float32Array,
  { width, draws, random }: { readonly width: number; readonly draws: number; readonly random: Random },
): number {
  const points = timesFactor(coefficients, factor, width);
  const total = points.reduce((sum, x) => sum + x * x, 0);
  let share = 0;
  for (let draw = 0; draw < draws; draw++) {
    const axis = timesFactor(random.centred(width, 1), factor, width);
    const square = axis.reduce((sum, x) => sum + x * x, 0);
    if (!(square > 0 && total > 0)) continue;
    for (let i = 0; i < pictures.length; i++) {
      let along = 0;
      for (let k = 0; k < width; k++) along += points[i * width + k]! * axis[k]!;
      share += along ** 2 / (square * total * draws);
    }
  }
  return share;
}

/** Coefficients [n,K] of directions with the Gram matrix LLᵀ as points [n,K] whose lengths and angles are those of the sums: Lᵀc. */
function timesFactor(coefficients: Float32Array, factor: Float32Array, width: number): Float64Array {
  const points = new Float64Array(coefficients.length);
  for (let row = 0; row < coefficients.length; row += width) {
    for (let k = 0; k < width; k++) {
      for (let j = k; j < width; j++) points[row + k]! += factor[j * width + k]! * coefficients[row + j]!;
    }
  }
  return points;
}

/**
 * Of rows [count,width] X: their projections on the first right singular vector, and its squared singular value λ. The vector is
 * Xᵀ(Xv)/λ, so that the same sum of coefficients gives it in the shared space.
 */
function strongestAxis(rows: Float64Array, count: number, width: number): { along: Float64Array; value: number } {
  // The smaller of XXᵀ and XᵀX.
  const ofRows = count < width;
  const size = ofRows ? count : width;
  const products = new Float64Array(size * size);
  for (let a = 0; a < size; a++) {
    for (let b = 0; b <= a; b++) {
      let sum = 0;
      if (ofRows) for (let k = 0; k < width; k++) sum += rows[a * width + k]! * rows[b * width + k]!;
      else for (let i = 0; i < count; i++) sum += rows[i * width + a]! * rows[i * width + b]!;
      products[a * size + b] = products[b * size + a] = sum;
    }
  }
  const { values, vectors } = eigenSymmetric(products, size);
  const value = values[0]!;
  const first = vectors.subarray(0, size);
  if (ofRows) return { along: first.map((x) => x * Math.sqrt(value)), value };
  const along = new Float64Array(count);
  for (let i = 0; i < count; i++) for (let k = 0; k < width; k++) along[i]! += rows[i * width + k]! * first[k]!;
  return { along, value };
}

function signOf(along: Float64Array): number {
  const lead = along.filter((x) => x > 0).length - along.filter((x) => x < 0).length;
  if (lead !== 0) return Math.sign(lead);
  return Math.sign(along[0]!) || 1;
}
