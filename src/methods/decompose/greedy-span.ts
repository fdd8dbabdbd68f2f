/** The greedy choice of TextSpan, in the coordinates of the rows' own directions. */
import { dotAt, times, trace } from "../../engine/tensor/products.js";

/** Rows as TextSpan sees them, along r orthogonal directions in which the sum of their outer products is diagonal. */
export interface RowSpread {
  /** [r]: sum of the squares of the rows along each direction, uncentred. */
  readonly values: Float64Array;
  /** [r]: the rows' mean. */
  readonly mean: Float64Array;
  /** How many rows there were. */
  readonly rows: number;
  /** Sum of the squares of the rows less their mean, also of what lies outside these directions. */
  readonly total: number;
}

export interface GreedyPicks {
  readonly picks: readonly number[];
  /** After each pick, the share of the rows' variance that the picks explain. */
  readonly explained: readonly number[];
  /** [picks,r]: orthogonal unit directions. */
  readonly basis: Float64Array;
}

/** Of a text's squared length: what is left of a text that was picked, or lies in the span of those picked, is noise. */
const NOTHING_LEFT = 1e-12;

/** Picks up to `count` of the texts [M,r], each the one along which what is left of the rows varies most. */
export function pickGreedily(
  { values, mean, rows, total }: RowSpread,
  texts: Float32Array,
  count: number,
): GreedyPicks {
  const rank = values.length;
  const spread = new Float64Array(rank * rank);
  for (let i = 0; i < rank; i++) {
    spread[i * rank + i] = values[i]!;
    for (let j = 0; j < rank; j++) spread[i * rank + j]! -= rows * mean[i]! * mean[j]!;
  }
  const outside = total - trace(spread, rank);
  const candidates = candidatesOf(texts, values, mean, rows);
  const lengths = candidates.left.slice();
  const picks: number[] = [];
  const explained: number[] = [];
  const basis = new Float64Array(count * rank);
  while (picks.length < count) {
    const pick = best(candidates, lengths);
    if (pick < 0) break;
    const direction = basis.subarray(picks.length * rank, (picks.length + 1) * rank);
    remainder(texts, pick * rank, basis, picks.length, direction);
    const pushed = times(spread, direction, rank, rank, 1);
    const variance = dotAt(pushed, 0, direction, 0, rank);
    takeOutOfTexts(candidates, direction, pushed, variance);
    takeOut(spread, direction, pushed, variance);
    picks.push(pick);
    explained.push(total > 0 ? 1 - (outside + trace(spread, rank)) / total : 0);
  }
  return { picks, explained, basis: basis.subarray(0, picks.length * rank) };
}

interface Candidates {
  /** [M,r], as they were at first. In float32: going through them is what takes the time. */
  readonly texts: Float32Array;
  /** [M]: sum of the squares of what is left of the rows along what is left of each text. */
  readonly scores: Float64Array;
  /** [M]: squared length of what is left of each text. */
  readonly left: Float64Array;
}

function candidatesOf(texts: Float32Array, values: Float64Array, mean: Float64Array, rows: number): Candidates {
  const rank = values.length;
  const scores = new Float64Array(texts.length / rank);
  const left = new Float64Array(scores.length);
  for (let text = 0, at = 0; text < scores.length; text++) {
    let [products, length, along] = [0, 0, 0];
    for (let r = 0; r < rank; r++, at++) {
      const value = texts[at]!;
      products += values[r]! * value * value;
      length += value * value;
      along += value * mean[r]!;
    }
    scores[text] = products - rows * along * along;
    left[text] = length;
  }
  return { texts, scores, left };
}

/** The text with the largest score of those that have something left; -1 when none has. */
function best({ scores, left }: Candidates, lengths: Float64Array): number {
  let pick = -1;
  for (let text = 0; text < scores.length; text++) {
    if (left[text]! <= NOTHING_LEFT * lengths[text]! || lengths[text] === 0) continue;
    if (pick < 0 || scores[text]! > scores[pick]!) pick = text;
  }
  return pick;
}

/** What a text has beside the first `count` directions of the basis, of length 1. */
function remainder(texts: Float32Array, at: number, basis: Float64Array, count: number, out: Float64Array): void {
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
  const take = (text: number, across: number, moved: number): void => {
    scores[text]! += across * (across * variance - 2 * moved);
    left[text]! -= across * across;
  };
  let text = 0;
  // Four texts at a time share what is loaded of the directions, and do not wait for one another. Here is where the time goes.
  for (; text + 4 <= scores.length; text += 4) {
    let [across0, across1, across2, across3] = [0, 0, 0, 0];
    let [moved0, moved1, moved2, moved3] = [0, 0, 0, 0];
    for (let r = 0, at = text * rank; r < rank; r++, at++) {
      const d = direction[r]!;
      const p = pushed[r]!;
      const value0 = texts[at]!;
      const value1 = texts[at + rank]!;
      const value2 = texts[at + 2 * rank]!;
      const value3 = texts[at + 3 * rank]!;
      across0 += value0 * d;
      moved0 += value0 * p;
      across1 += value1 * d;
      moved1 += value1 * p;
      across2 += value2 * d;
      moved2 += value2 * p;
      across3 += value3 * d;
      moved3 += value3 * p;
    }
    take(text, across0, moved0);
    take(text + 1, across1, moved1);
    take(text + 2, across2, moved2);
    take(text + 3, across3, moved3);
  }
  for (; text < scores.length; text++) {
    let [across, moved] = [0, 0];
    for (let r = 0, at = text * rank; r < rank; r++, at++) {
      across += texts[at]! * direction[r]!;
      moved += texts[at]! * pushed[r]!;
    }
    take(text, across, moved);
  }
}

/** S ← PSP with P = I - ddᵀ for a unit direction d, Sd and dᵀSd. */
function takeOut(matrix: Float64Array, direction: Float64Array, pushed: Float64Array, variance: number): void {
  const n = direction.length;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const [di, dj] = [direction[i]!, direction[j]!];
      matrix[i * n + j]! += variance * di * dj - di * pushed[j]! - pushed[i]! * dj;
    }
  }
}
