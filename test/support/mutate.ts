import type { Random } from "../../src/engine/tensor/random.js";

const PIECES = ["null", "-1", "0", "1e999", "true", "[]", "{}", '"x"', ",", "}", "99999999999", "0.5"];

/** Flips, cuts, repeats or replaces a few bytes; replacements favour what JSON is made of. */
export function mutate(bytes: Buffer, random: Random): Buffer {
  const out = [...bytes];
  for (let n = 1 + random.below(3); n > 0; n--) {
    const at = random.below(out.length);
    const length = random.below(6);
    const kind = random.below(4);
    if (kind === 0) out[at] = random.below(256);
    else if (kind === 1) out.splice(at, length);
    else if (kind === 2) out.splice(at, 0, ...out.slice(at, at + length * 5));
    else out.splice(at, length, ...Buffer.from(PIECES[random.below(PIECES.length)]!));
  }
  return Buffer.from(out);
}
