/** The one direction along which a neuron's strongest effects lie. */
import { eigenSymmetric } from "../../engine/tensor/eigen.js";
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
  const points = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < width; k++) {
      for (let j = k; j < width; j++) points[i * width + k]! += factor[j * width + k]! * coefficients[i * width + j]!;
    }
  }
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
