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
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";

export interface TextSpanOptions {
  /** Texts to pick. */
  readonly count: number;
  /**
   * Directions of the rows that texts are projected on, the strongest first. By default all that the rows have: those whose
   * singular value is not {@link RANK_TOLERANCE} of the largest or less. The reference always takes 80, also of rows that
   * have fewer; the others are then rounding noise.
   */
  readonly rank?: number;
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
/** Of a text's squared length: what is left of a text that was picked, or lies in the span of those picked, is noise. */
const NOTHING_LEFT = 1e-12;

/**
 * Greedily picks texts of the pool [M,D] (unit rows) along which rows with these moments vary most. Throws `UsageError` for
 * a count or rank that the pool or the rows cannot give.
 */
export function textSpan(moments: Moments, pool: FloatTensor, { count, rank }: TextSpanOptions): TextSpan {
  check(moments, pool, count, rank);
  const { width } = moments;
  const { values, vectors, used } = span(moments, rank);
  const texts = coordinates(pool, vectors, used);
  const mean = coordinates({ data: moments.mean(), shape: [1, width] }, vectors, used);
  const [size] = pool.shape as [number];

  // In the basis of the rows' own directions, the sum of their outer products is diagonal.
  const spread = new Float64Array(used * used);
  for (let i = 0; i < used; i++) {
    spread[i * used + i] = values[i]!;
    for (let j = 0; j < used; j++) spread[i * used + j]! -= moments.count * mean[i]! * mean[j]!;
  }
  const total = trace(moments.centredProducts(), width);
  const outside = total - trace(spread, used);
  const scores = new Float64Array(size);
  const lengths = new Float64Array(size);
  for (let text = 0; text < size; text++) {
    let [products, length] = [0, 0];
    for (let r = 0; r < used; r++) {
      const square = texts[text * used + r]! ** 2;
      products += values[r]! * square;
      length += square;
    }
    scores[text] = products - moments.count * dotAt(texts, text * used, mean, 0, used) ** 2;
    lengths[text] = length;
  }
  const left = lengths.slice();
  const picks: number[] = [];
  const explained: number[] = [];
  const basis = new Float64Array(count * used);
  while (picks.length < count) {
    const pick = best(scores, left, lengths);
    if (pick < 0) break;
    const direction = basis.subarray(picks.length * used, (picks.length + 1) * used);
    remainder(texts, pick * used, basis, picks.length, direction);
    const pushed = times(spread, direction, used);
    const variance = dotAt(pushed, 0, direction, 0, used);
    takeOutOfTexts({ texts, scores, left }, direction, pushed, variance);
    takeOut(spread, direction, pushed, variance, used);
    picks.push(pick);
    explained.push(total > 0 ? 1 - (outside + trace(spread, used)) / total : 0);
  }
  const directions = new Float32Array(picks.length * width);
  for (let k = 0; k < picks.length; k++) {
    for (let r = 0; r < used; r++) {
      const weight = basis[k * used + r]!;
      for (let i = 0; i < width; i++) directions[k * width + i]! += weight * vectors[r * width + i]!;
    }
  }
  return { picks, explained, directions: floatTensor(directions, [picks.length, width]), rank: used };
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

function check({ count: rows, width }: Moments, { shape }: FloatTensor, count: number, rank?: number): void {
  const refuse = (what: string, got: string, expected: string): never => {
    throw new UsageError({ what, got, expected });
  };
  if (shape.length !== 2 || shape[1] !== width) {
    refuse("texts and rows of different widths", `texts [${shape.join(",")}], rows of ${width}`, `texts [M,${width}]`);
  }
  if (rows < 2) refuse("too few rows to vary", `${rows}`, "2 or more");
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
  const least = values[0]! * RANK_TOLERANCE ** 2;
  const used = rank ?? Math.max(1, values.filter((value) => value > least).length);
  return { values, vectors, used };
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

/** The text with the largest score of those that have something left; -1 when none has. */
function best(scores: Float64Array, left: Float64Array, lengths: Float64Array): number {
  let pick = -1;
  for (let text = 0; text < scores.length; text++) {
    if (left[text]! <= NOTHING_LEFT * lengths[text]! || lengths[text] === 0) continue;
    if (pick < 0 || scores[text]! > scores[pick]!) pick = text;
  }
  return pick;
}

/** What a text has beside the first `count` directions of the basis, of length 1. */
function remainder(texts: Float64Array, at: number, basis: Float64Array, count: number, out: Float64Array): void {
  const rank = out.length;
  out.set(texts.subarray(at, at + rank));
  // Twice: the first time leaves rounding errors as large as what it took away.
  for (let again = 0; again < 2; again++) {
    for (let k = 0; k < count; k++) {
      const along = dotAt(out, 0, basis, k * rank, rank);
      for (let i = 0; i < rank; i++) out[i]! -= along * basis[k * rank + i]!;
    }
  }
  const length = Math.sqrt(dotAt(out, 0, out, 0, rank));
  for (let i = 0; i < rank; i++) out[i]! /= length;
}

interface Candidates {
  /** [M,r], as they were at first. */
  readonly texts: Float64Array;
  /** [M]: sum of the squares of what is left of the rows along what is left of each text. */
  readonly scores: Float64Array;
  /** [M]: squared length of what is left of each text. */
  readonly left: Float64Array;
}

/**
 * Takes a direction out of texts and rows at once: x = t - (t·d)d has xᵀSx = tᵀSt - 2(t·d)(t·Sd) + (t·d)²dᵀSd. Both d and Sd lie
 * across all directions taken out before, so that dot products with texts as they were at first are those with what is left of them.
 */
function takeOutOfTexts(
  { texts, scores, left }: Candidates,
  direction: Float64Array,
  pushed: Float64Array,
  variance: number,
): void {
  const rank = direction.length;
  for (let text = 0, at = 0; text < scores.length; text++) {
    let across = 0;
    let moved = 0;
    for (let r = 0; r < rank; r++, at++) {
      const value = texts[at]!;
      across += value * direction[r]!;
      moved += value * pushed[r]!;
    }
    scores[text]! += across * (across * variance - 2 * moved);
    left[text]! -= across * across;
  }
}

/** S ← PSP with P = I - ddᵀ for a unit direction d, Sd and dᵀSd. */
function takeOut(
  matrix: Float64Array,
  direction: Float64Array,
  pushed: Float64Array,
  variance: number,
  n: number,
): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [di, dj] = [direction[i]!, direction[j]!];
      matrix[i * n + j]! += variance * di * dj - di * pushed[j]! - pushed[i]! * dj;
    }
  }
}

function times(matrix: Float64Array, vector: Float64Array, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => dotAt(matrix, i * n, vector, 0, n));
}

function trace(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * n + i]!;
  return sum;
}

function dotAt(
  a: Float64Array | Float32Array,
  i: number,
  b: Float64Array | Float32Array,
  j: number,
  n: number,
): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i + k]! * b[j + k]!;
  return sum;
}
