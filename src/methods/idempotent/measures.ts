/** How alike two sets of pictures are, in the features of a classifier. */
import { eigenSymmetric } from "../../engine/tensor/eigen.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";

interface Gaussian {
  readonly mean: Float64Array;
  /** [D,D] */
  readonly covariance: Float64Array;
}

/**
 * Fréchet distance of the Gaussians fitted to two sets of features [N,D]: |μ₁ - μ₂|² + tr(C₁ + C₂ - 2 (C₁ C₂)^½). It grows as sets shrink, so
 * only distances of sets of equal size compare. Source: Heusel et al. 2017, "GANs Trained by a Two Time-Scale Update Rule", equation 6.
 */
export function frechetDistance(a: FloatTensor, b: FloatTensor): number {
  const [first, second] = [gaussianOf(a), gaussianOf(b)];
  const n = first.mean.length;
  const shift = first.mean.reduce((sum, value, i) => sum + (value - second.mean[i]!) ** 2, 0);
  const root = squareRoot(first.covariance, n);
  const inner = product(product(root, second.covariance, n), root, n);
  const { values } = eigenSymmetric(symmetrised(inner, n), n);
  const overlap = values.reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  return shift + trace(first.covariance, n) + trace(second.covariance, n) - 2 * overlap;
}

/**
 * Coverage: the share of real rows that have a generated row within their neighbourhood, the ball that reaches to the k-th nearest other real
 * row. Source: Naeem et al. 2020, "Reliable Fidelity and Diversity Metrics for Generative Models", equation 6.
 */
export function coverage(real: FloatTensor, generated: FloatTensor, k = 5): number {
  const count = real.shape[0]!;
  let covered = 0;
  for (let i = 0; i < count; i++) {
    const reach = squaredDistances(real, i, real)
      .filter((_, j) => j !== i)
      .sort()[k - 1]!;
    if (squaredDistances(real, i, generated).some((distance) => distance < reach)) covered++;
  }
  return covered / count;
}

export interface ClassShares {
  /** Of each class, the share of pictures that are taken for it. */
  readonly shares: readonly number[];
  /** Share of the classes that have at least a quarter of an even share. */
  readonly covered: number;
  /** Mean of the largest probability. */
  readonly confidence: number;
}

/** What a classifier takes pictures for, from its probabilities [N,K]. */
export function classShares({ data, shape }: FloatTensor): ClassShares {
  const [count, classes] = shape as [number, number];
  const shares = new Array<number>(classes).fill(0);
  let confidence = 0;
  for (let i = 0; i < count; i++) {
    const best = mostLikely(data.subarray(i * classes, (i + 1) * classes));
    shares[best]! += 1 / count;
    confidence += data[i * classes + best]! / count;
  }
  return { shares, covered: shares.filter((share) => share >= 1 / (4 * classes)).length / classes, confidence };
}

/** The index of the largest. */
export function mostLikely(probabilities: Float32Array): number {
  return probabilities.reduce((best, value, i) => (value > probabilities[best]! ? i : best), 0);
}

function gaussianOf({ data, shape }: FloatTensor): Gaussian {
  const [count, n] = shape as [number, number];
  const mean = new Float64Array(n);
  for (let i = 0; i < data.length; i++) mean[i % n]! += data[i]! / count;
  const covariance = new Float64Array(n * n);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < n; i++) {
      const from = data[row * n + i]! - mean[i]!;
      for (let j = 0; j < n; j++) covariance[i * n + j]! += (from * (data[row * n + j]! - mean[j]!)) / (count - 1);
    }
  }
  return { mean, covariance };
}

/** The symmetric square root of a positive semidefinite matrix. */
function squareRoot(matrix: Float64Array, n: number): Float64Array {
  const { values, vectors } = eigenSymmetric(matrix, n);
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    const root = Math.sqrt(Math.max(0, values[k]!));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) out[i * n + j]! += root * vectors[k * n + i]! * vectors[k * n + j]!;
    }
  }
  return out;
}

function product(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k]!;
      for (let j = 0; j < n; j++) out[i * n + j]! += factor * b[k * n + j]!;
    }
  }
  return out;
}

const symmetrised = (a: Float64Array, n: number): Float64Array =>
  a.map((value, at) => (value + a[(at % n) * n + Math.floor(at / n)]!) / 2);

const trace = (a: Float64Array, n: number): number =>
  a.reduce((sum, value, at) => (at % (n + 1) === 0 ? sum + value : sum), 0);

function squaredDistances(a: FloatTensor, row: number, b: FloatTensor): Float64Array {
  const [count, n] = b.shape as [number, number];
  return Float64Array.from({ length: count }, (_, j) => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += (a.data[row * n + i]! - b.data[j * n + i]!) ** 2;
    return sum;
  });
}
