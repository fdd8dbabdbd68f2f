/** Which pictures a step of training sees. */
import { UsageError } from "../errors.js";
import type { PictureBatch, PictureRows } from "../media/picture-rows.js";
import { dataOrder, seeded } from "./seeds.js";

export interface PictureBatchesOptions {
  readonly batchSize: number;
  /** Of the order of pictures that there is an end to. */
  readonly seed: number;
}

/**
 * The batch of each step, a pure function: a world's pictures in turn, each once; of other pictures all in a shuffled order, then
 * all in another, without end.
 */
export function pictureBatches(
  pictures: PictureRows,
  { batchSize, seed }: PictureBatchesOptions,
): (step: number) => PictureBatch {
  const { count, rows } = pictures;
  if (count === Infinity) return (step) => rows(Array.from({ length: batchSize }, (_, i) => step * batchSize + i));
  const order = dataOrder({ count, batchSize, seed });
  return (step) => rows(order(step));
}

/** Pictures to train on, and others to measure with. */
export interface PictureParts {
  readonly training: PictureRows;
  readonly heldOut: PictureRows;
}

/**
 * Sets `heldOut` pictures aside, drawn by the seed. Throws {@link UsageError} when none would be left, and for a world, which
 * has others under another seed.
 */
export function holdOut(pictures: PictureRows, heldOut: number, seed: number): PictureParts {
  const { count } = pictures;
  if (count === Infinity || !(Number.isInteger(heldOut) && heldOut >= 0 && heldOut < count)) {
    throw new UsageError({
      what: "cannot hold out so many pictures",
      where: pictures.description,
      got: String(heldOut),
      expected: count === Infinity ? "pictures that there is an end to" : `a whole number from 0 to ${count - 1}`,
    });
  }
  const numbers = seeded(seed, "held out").shuffled(Array.from({ length: count }, (_, i) => i));
  // In the order of the files, so that neighbours in a batch are neighbours in memory.
  const part = (chosen: number[], name: string): PictureRows =>
    restricted(
      pictures,
      chosen.sort((a, b) => a - b),
      name,
      seed,
    );
  return { heldOut: part(numbers.slice(0, heldOut), "held out"), training: part(numbers.slice(heldOut), "training") };
}

function restricted(pictures: PictureRows, numbers: readonly number[], name: string, seed: number): PictureRows {
  return {
    ...pictures,
    count: numbers.length,
    identity: `${pictures.identity}, ${name}, ${numbers.length} by seed ${seed}`,
    rows: (chosen) =>
      pictures.rows(
        Array.from(chosen, (number) => {
          const own = numbers[number];
          if (own === undefined) throw new RangeError(`picture ${number} of ${numbers.length}`);
          return own;
        }),
      ),
  };
}
