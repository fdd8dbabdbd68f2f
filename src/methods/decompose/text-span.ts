/**
 * TextSpan: the texts that span what a head says.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting CLIP's Image Representation via Text-Based Decomposition_, ICLR 2024,
 * algorithm 1. It needs no more of the rows than their second moments: the variance along a text t is tᵀSt, and taking t out of
 * the rows takes it out of S. So its cost does not depend on the number of rows, and nothing is kept of them.
 */
import { UsageError } from "../../engine/errors.js";
import { type Eigen, eigenSymmetric } from "../../engine/tensor/eigen.js";
import type { Moments } from "../../engine/tensor/moments.js";
import { dotAt, times, trace } from "../../engine/tensor/products.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { pickGreedily } from "./greedy-span.js";

export interface TextSpanOptions {
  /** Texts to pick. */
  readonly count: number;
  /**
   * Directions of the rows that texts are projected on, the strongest first. By default all that the rows have: those whose
   * singular value is not {@link RANK_TOLERANCE} of the largest or less. The reference always takes 80, also of rows that
   * have fewer; the others are then rounding noise.
   */
  readonly rank?: number | undefined;
}

export interface TextSpan {
  /** Rows of the pool, in the order picked. Fewer than asked for when nothing of the pool or of the rows is left. */
  readonly picks: readonly number[];
  /** After each pick, the share of the rows' variance that the picks explain. */
  readonly explained: readonly number[];
  /** [picks,D]: orthogonal unit directions; row k is what pick k adds to those before it. */
  readonly directions: FloatTensor;
  /** How many directions the texts were projected on. */
  readonly rank: number;
}

export const RANK_TOLERANCE = 1e-5;
/**
 * Greedily picks texts of the pool [M,D] (unit rows) along which rows with these moments vary most. Throws `UsageError` for
 * a count or rank that the pool or the rows cannot give.
 */
export function textSpan(moments: Moments, pool: FloatTensor, { count, rank }: TextSpanOptions): TextSpan {
  checkSpan({ rows: moments.count, width: moments.width }, pool, { count, rank });
  const { width } = moments;
  const { values, vectors, used } = span(moments, rank);
  const spread = {
    values: values.subarray(0, used),
    mean: coordinates({ data: moments.mean(), shape: [1, width] }, vectors, used),
    rows: moments.count,
    total: trace(moments.centredProducts(), width),
  };
  const { picks, explained, basis } = pickGreedily(spread, Float32Array.from(coordinates(pool, vectors, used)), count);
  return { picks, explained, directions: directionsOf(basis, vectors, used, width), rank: used };
}

/** From directions [n,r] along orthonormal vectors (the first r rows of [..,D]) to directions [n,D]. */
export function directionsOf(basis: Float64Array, vectors: Float64Array, rank: number, width: number): FloatTensor {
  const count = basis.length / rank;
  return floatTensor(Float32Array.from(times(basis, vectors, count, rank, width)), [count, width]);
}

/** Rows [K,D] as the picks say them: their mean, and what of the rest lies along the directions. */
export function spanReconstruction(
  { data, shape }: FloatTensor,
  mean: Float64Array,
  { directions }: Pick<TextSpan, "directions">,
): FloatTensor {
  const [rows, width] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const at = row * width;
    const said = mean.slice();
    for (let k = 0; k < directions.shape[0]!; k++) {
      let along = 0;
      for (let i = 0; i < width; i++) along += (data[at + i]! - mean[i]!) * directions.data[k * width + i]!;
      for (let i = 0; i < width; i++) said[i]! += along * directions.data[k * width + i]!;
    }
    out.set(said, at);
  }
  return floatTensor(out, shape);
}

/** Throws `UsageError` unless the pool can give so many texts, and rows of a space of `width` dimensions such a rank. */
export function checkSpan(
  { rows, width }: { readonly rows: number; readonly width: number },
  { shape }: FloatTensor,
  { count, rank }: TextSpanOptions,
): void {
  const refuse = (what: string, got: string, expected: string): never => {
    throw new UsageError({ what, got, expected });
  };
  if (shape.length !== 2 || shape[1] !== width) {
    refuse("texts and rows of different widths", `texts [${shape.join(",")}], rows of ${width}`, `texts [M,${width}]`);
  }
  if (rows < 2) refuse("too few rows or pictures for anything to vary", `${rows}`, "2 or more");
  if (!(Number.isInteger(count) && count >= 1 && count <= shape[0]!)) {
    refuse("the pool cannot give so many texts", `${count} of ${shape[0]!}`, `a whole number from 1 to ${shape[0]!}`);
  }
  if (rank !== undefined && !(Number.isInteger(rank) && rank >= 1 && rank <= width)) {
    refuse("no such rank", `${rank}`, `a whole number from 1 to ${width}`);
  }
}

/** The directions [used,D] of the rows, uncentred, the strongest first. */
function span({ products, width }: Moments, rank: number | undefined): Eigen & { used: number } {
  const { values, vectors } = eigenSymmetric(products, width);
  return { values, vectors, used: rank ?? numericalRank(values) };
}

/** How many of the sums of squares, the largest first, are more than rounding noise; at least 1. */
export function numericalRank(values: Float64Array): number {
  const least = values[0]! * RANK_TOLERANCE ** 2;
  return Math.max(1, values.filter((value) => value > least).length);
}

interface Rows {
  readonly data: Float32Array | Float64Array;
  readonly shape: readonly number[];
}

/** Rows [M,D] along the directions: [M,r]. */
function coordinates({ data, shape }: Rows, vectors: Float64Array, rank: number): Float64Array {
  const [size, width] = shape as [number, number];
  const out = new Float64Array(size * rank);
  for (let text = 0; text < size; text++) {
    for (let r = 0; r < rank; r++) out[text * rank + r] = dotAt(data, text * width, vectors, r * width, width);
  }
  return out;
}
