/** Grids of two answers, layers × heads with each layer's MLP last. */
import { type Answer, less, partsGrid } from "../../state/question.js";

export interface ComparedGrids {
  readonly a: Float32Array;
  readonly b: Float32Array;
  /** B less A; absent where the models have other numbers of layers or heads. */
  readonly difference?: Float32Array;
}

export function comparedGrids(a: Answer, b: Answer): ComparedGrids {
  const [own, other] = [partsGrid(a), partsGrid(b)];
  const alike = a.layers === b.layers && a.heads === b.heads;
  return { a: own, b: other, ...(alike ? { difference: less(other, own) } : {}) };
}
