/** A training set that is drawn once: for worlds whose pictures take longer to draw than a step of training takes to learn from them. */
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { JudgedWorld } from "../../methods/idempotent/judge.js";
import type { Pictures } from "./train.js";

/**
 * The first `count` pictures of the seed, over and over. Each is drawn when it is first asked for, and kept in 8 bits a sample, which must be all that
 * it has.
 */
export function keptPictures({ rows, shape }: JudgedWorld, seed: number, count: number): Pictures {
  const size = sizeOf(shape);
  const levels = new Uint8Array(count * size);
  const isDrawn = new Uint8Array(count);
  return (first, wanted): FloatTensor => {
    const data = new Float32Array(wanted * size);
    for (let i = 0; i < wanted; i++) {
      const row = (first + i) % count;
      const kept = levels.subarray(row * size, (row + 1) * size);
      if (isDrawn[row] === 0) {
        kept.set(rows(seed, row, 1).pixels.data.map((value) => Math.round(127.5 * (value + 1))));
        isDrawn[row] = 1;
      }
      for (let k = 0; k < size; k++) data[i * size + k] = kept[k]! / 127.5 - 1;
    }
    return floatTensor(data, [wanted, ...shape]);
  };
}
