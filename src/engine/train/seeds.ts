/** Independent streams of random numbers from one seed, so that what is drawn for one purpose never moves another. */
import { Random } from "../tensor/random.js";

/**
 * The stream of `seed` for a purpose, such as `("dropout", step)`. A pure function: the same arguments give the same numbers
 * on every machine. Purposes are told apart by 32 bits of hash (FNV-1a, then murmur3's finaliser).
 */
export function seeded(seed: number, ...purpose: readonly (string | number)[]): Random {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(JSON.stringify([seed, ...purpose]))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return new Random(hash ^ (hash >>> 16));
}

export interface DataOrderOptions {
  /** How many examples there are. */
  readonly count: number;
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * Which examples make up the batch of each step: all examples in a shuffled order, then all in another, without end. A batch
 * may reach from one round into the next, so that every batch is full. The returned function is pure: a run that resumes
 * at a step sees what a straight run sees there.
 */
export function dataOrder({ count, batchSize, seed }: DataOrderOptions): (step: number) => Int32Array {
  if (!(count >= 1 && batchSize >= 1)) throw new RangeError(`no batches of ${batchSize} from ${count} examples`);
  const everyone = Array.from({ length: count }, (_, i) => i);
  let known: { readonly round: number; readonly order: readonly number[] } | undefined;
  const orderOf = (round: number): readonly number[] => {
    if (known?.round !== round) known = { round, order: seeded(seed, "order", round).shuffled(everyone) };
    return known.order;
  };
  return (step) => {
    const first = step * batchSize;
    return Int32Array.from({ length: batchSize }, (_, i) => {
      const position = first + i;
      return orderOf(Math.floor(position / count))[position % count]!;
    });
  };
}
