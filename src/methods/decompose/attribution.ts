/** Which parts of the model speak for a text: contributions projected on text directions, ranked and summed. */
import { dotRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Decomposition } from "./decompose.js";
import type { TextDecomposition } from "./decompose-text.js";

/** What every part adds to the cosine similarity with each text. Over all parts, the values add up to the cosine. */
export interface Attribution {
  /** [B,L,H,T] */
  readonly heads: FloatTensor;
  /** [B,L+1,T]: the stream's start, then each MLP. */
  readonly mlps: FloatTensor;
}

export interface RankedHead {
  readonly layer: number;
  readonly head: number;
  /** What the head adds. */
  readonly value: number;
}

/** Attributes cosine similarities with unit directions [T,D], or [B,T,D] of each picture's own, to heads and MLPs. */
export function attribute(
  headContributions: FloatTensor,
  { mlp_contributions }: Pick<Decomposition, "mlp_contributions">,
  directions: FloatTensor,
): Attribution {
  return { heads: dotRows(headContributions, directions), mlps: dotRows(mlp_contributions, directions) };
}

/**
 * Directions [T,D] less the mean of the other directions: what speaks for a text *against* the others. Parts that
 * raise all texts alike cancel out. Unchanged for a single text.
 */
export function contrasts({ data, shape }: FloatTensor): FloatTensor {
  const [count, width] = shape as [number, number];
  if (count < 2) return floatTensor(data, shape);
  const total = new Float64Array(width);
  data.forEach((x, i) => (total[i % width]! += x));
  return floatTensor(
    data.map((x, i) => x - (total[i % width]! - x) / (count - 1)),
    shape,
  );
}

/** Directions [T,D] less the mean of directions [A,D]: what speaks for each text against texts that are all others. */
export function contrastsWith({ data, shape }: FloatTensor, against: FloatTensor): FloatTensor {
  const [count, width] = against.shape as [number, number];
  const mean = new Float64Array(width);
  against.data.forEach((x, i) => (mean[i % width]! += x / count));
  return floatTensor(
    data.map((x, i) => x - mean[i % width]!),
    shape,
  );
}

/** The heads of one picture for one text in descending order of what they add; negative ones come last. */
export function rankHeads({ heads }: Pick<Attribution, "heads">, picture: number, text: number): RankedHead[] {
  const [, layers, perLayer, texts] = heads.shape as [number, number, number, number];
  const ranked = Array.from({ length: layers * perLayer }, (_, cell): RankedHead => {
    const value = heads.data[(picture * layers * perLayer + cell) * texts + text]!;
    return { layer: Math.floor(cell / perLayer), head: cell % perLayer, value };
  });
  return ranked.sort((a, b) => b.value - a.value);
}

type SummedUp = "mlp_contributions" | "head_scalars";

/** Largest difference, over pictures or texts, between the sum of all parts and the normalised features. */
export function largestRemainder(
  headContributions: FloatTensor,
  decomposition: Pick<Decomposition, "image_features" | SummedUp> | Pick<TextDecomposition, "text_features" | SummedUp>,
): number {
  const { mlp_contributions, head_scalars } = decomposition;
  const features = "text_features" in decomposition ? decomposition.text_features : decomposition.image_features;
  const [batch, width] = features.shape as [number, number];
  let largest = 0;
  for (let b = 0; b < batch; b++) {
    const sums = new Float64Array(width);
    for (const { data } of [headContributions, mlp_contributions]) {
      const size = data.length / batch;
      for (let i = 0; i < size; i++) sums[i % width]! += data[b * size + i]!;
    }
    const inverseNorm = head_scalars.data[b * 3 + 2]!;
    sums.forEach((sum, i) => {
      largest = Math.max(largest, Math.abs(sum - features.data[b * width + i]! * inverseNorm));
    });
  }
  return largest;
}
