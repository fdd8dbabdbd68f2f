/**
 * Pictures of which heads say the same as of another picture, or what a text says.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, section 5, and CLIP-InterpreT (Madasu et al. 2024), whose tool takes raw dot
 * products. These are led by what a head says of all pictures alike; `"centred"` takes that away.
 */
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Query } from "./head-space.js";

export const SIMILARITIES = ["raw", "cosine", "centred"] as const;
/**
 * `"raw"`: dot product. `"cosine"`: over both lengths. `"centred"`: cosine of what is left without the mean of the pictures
 * searched; of a text, only the pictures are centred.
 */
export type Similarity = (typeof SIMILARITIES)[number];

export interface Neighbour {
  /** Row of the pictures searched. */
  readonly index: number;
  readonly score: number;
}

export interface SearchOptions {
  readonly similarity: Similarity;
  /** How many to return at most. */
  readonly top: number;
}

/**
 * The rows [K,width] of a `HeadSpace` most like a query of the same space, the most alike first. Vectors without length, such
 * as the only picture less the mean, are like nothing: 0. Throws `UsageError` without rows.
 */
export function nearestRows(
  query: Query,
  { data, shape }: FloatTensor,
  { similarity, top }: SearchOptions,
): Neighbour[] {
  const [count, width] = shape as [number, number];
  if (count === 0) throw new UsageError({ what: "nothing to search", expected: "at least one picture" });
  const mean = similarity === "centred" ? meanRow(data, width) : new Float64Array(width);
  const centred = query.kind === "image" && similarity === "centred";
  const left = Float64Array.from(query.row, (x, i) => (centred ? x - mean[i]! : x));
  const length = centred ? Math.hypot(...left) : query.length;
  const scores = Array.from({ length: count }, (_, index): Neighbour => {
    let [product, squares] = [0, 0];
    for (let i = 0; i < width; i++) {
      const x = data[index * width + i]! - mean[i]!;
      product += x * left[i]!;
      squares += x * x;
    }
    const lengths = length * Math.sqrt(squares);
    return { index, score: similarity === "raw" ? product : lengths === 0 ? 0 : product / lengths };
  });
  return scores.sort((a, b) => b.score - a.score || a.index - b.index).slice(0, top);
}

function meanRow(data: Float32Array, width: number): Float64Array {
  const mean = new Float64Array(width);
  const count = data.length / width;
  for (let at = 0; at < data.length; at++) mean[at % width]! += data[at]! / count;
  return mean;
}
