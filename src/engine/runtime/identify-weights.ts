import type { LoweredGraph } from "../graph/lowering.js";

/** Equal for weights that lie at the same place, in the same order. */
export function identifyWeights(weights: LoweredGraph["weights"]): string {
  return JSON.stringify(
    weights.map(({ name, type, stored: { shape, bytes } }) => [
      name,
      type,
      shape,
      bytes instanceof Uint8Array ? bufferIdentity(bytes) : bytes,
    ]),
  );
}

const bufferNumbers = new WeakMap<Uint8Array, number>();
let buffersSeen = 0;

function bufferIdentity(bytes: Uint8Array): number {
  const number = bufferNumbers.get(bytes) ?? ++buffersSeen;
  bufferNumbers.set(bytes, number);
  return number;
}
