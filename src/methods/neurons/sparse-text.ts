/**
 * Directions of neurons as sums of a few texts, by orthogonal matching pursuit of all of them at once.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 5; Pati,
 * Rezaiifar, Krishnaprasad 1993 for the method. Picks and ends are as in scikit-learn's `orthogonal_mp_gram`: the atom with the largest
 * dot product, whatever its length. The dot products of all atoms with what is left of all directions are matrix products; a Gram
 * matrix of all atoms is never made.
 */
import { UsageError } from "../../engine/errors.js";
import type { Device } from "../../engine/runtime/session.js";
import { dot } from "../../engine/tensor/rows.js";
import { showShape } from "../../engine/tensor/shape.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { Pursuit, type Word } from "./pursuit.js";
import { TextSearch } from "./text-search.js";

export interface SparseTextOptions {
  /** Texts per direction, at most; default 32. */
  readonly atoms?: number;
  /** Only sums with coefficients above 0: default false, any sign. */
  readonly nonNegative?: boolean;
  readonly device?: Device;
  /** Called now and then with the number of directions that are done. */
  readonly onProgress?: (done: number) => void;
}

export interface SparseText {
  /** By the size of their coefficients, the largest first. */
  readonly words: readonly Word[];
  /** Share of the direction's squared length that the words make up. */
  readonly explained: number;
}

/**
 * Writes each of the directions [F,D] as a sum of rows of `dictionary` [M,D] (see `textDictionary`). A direction has fewer texts than
 * asked for where fewer make it up: none for zeros. Throws {@link UsageError} for widths that differ, numbers that are not finite, or
 * more atoms than there are texts.
 */
export async function sparseText(
  directions: FloatTensor,
  dictionary: FloatTensor,
  { atoms = 32, nonNegative = false, device = "cpu", onProgress }: SparseTextOptions = {},
): Promise<SparseText[]> {
  check(directions, dictionary, atoms);
  const [count, width] = directions.shape as [number, number];
  if (count === 0) return [];
  const longest = longestRow(dictionary);
  const found = new Array<SparseText>(count);
  await using search = await TextSearch.of(dictionary, { count, signed: nonNegative, device });
  let active: { readonly index: number; readonly pursuit: Pursuit }[] = [];
  let started = 0;
  while (started < count || active.length > 0) {
    // Who ends early makes room for the next: every product is of as many rows.
    for (; active.length < search.rows && started < count; started++) {
      const target = directions.data.subarray(started * width, (started + 1) * width);
      active.push({ index: started, pursuit: new Pursuit(target, dictionary, longest, nonNegative) });
    }
    const best = await search.best(active.map(({ pursuit }) => pursuit.residual));
    active = active.filter(({ index, pursuit }, row) => {
      if (pursuit.step(best[row]!) && pursuit.size < atoms) return true;
      found[index] = { words: pursuit.words(), explained: pursuit.explained() };
      return false;
    });
    onProgress?.(started - active.length);
  }
  return found;
}

function check(directions: FloatTensor, dictionary: FloatTensor, atoms: number): void {
  const [texts, width] = dictionary.shape;
  if (dictionary.shape.length !== 2 || directions.shape.length !== 2 || directions.shape[1] !== width) {
    throw new UsageError({
      what: "directions and texts of different widths",
      got: `directions ${showShape(directions.shape)}, texts ${showShape(dictionary.shape)}`,
      expected: "directions [F,D] and texts [M,D]",
    });
  }
  if (!(Number.isInteger(atoms) && atoms >= 1 && atoms <= texts!)) {
    throw new UsageError({
      what: "the pool cannot give so many texts",
      got: `${atoms} of ${texts!}`,
      expected: `a whole number from 1 to ${texts!}`,
    });
  }
  for (const [what, { data }] of Object.entries({ directions, texts: dictionary })) {
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad < 0) continue;
    const got = `${data[bad]!} in row ${Math.floor(bad / width!)}`;
    throw new UsageError({ what: `${what} must be finite`, got });
  }
}

function longestRow({ data, shape }: FloatTensor): number {
  const width = shape[1]!;
  let largest = 0;
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    largest = Math.max(largest, dot(row, row));
  }
  return Math.sqrt(largest);
}
