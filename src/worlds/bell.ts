import type { Random } from "../engine/tensor/random.js";

/** A number with mean 0 and standard deviation 1, nearly normal, within ±3.5: the sum of four uniform ones. */
export function bell(random: Random): number {
  return (random.uniform() + random.uniform() + random.uniform() + random.uniform() - 2) * SQRT3;
}

const SQRT3 = Math.sqrt(3);
