/** Which tokens of pictures a training step computes. */
import type { Random } from "../../engine/tensor/random.js";
import { intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { SceneTruth } from "../../worlds/scenes/index.js";
import { GRID, objectAreas, TOKEN_COUNT } from "./patches.js";

/**
 * Rows of all tokens [B·N], for each picture its class token and `patches` of its patches: int32 [B,1+patches]. Patches that show
 * an object come first, then others; which of them is drawn. Most of a picture is background, and half of it says as much.
 */
export function keptTokens(truths: readonly SceneTruth[], patches: number, random: Random): Tensor<"int32"> {
  const rows = truths.flatMap((truth, picture) => {
    const shows = Array.from({ length: GRID ** 2 }, (_, patch) => objectAreas(truth, patch).some((area) => area > 0));
    const order = shuffled(GRID ** 2, random).sort((a, b) => Number(shows[b]) - Number(shows[a]));
    const first = picture * TOKEN_COUNT;
    return [first, ...order.slice(0, patches).map((patch) => first + 1 + patch)];
  });
  return intTensor(Int32Array.from(rows), [truths.length, 1 + patches]);
}

/** Every token, as {@link keptTokens} gives them. */
export function allTokens(pictures: number): Tensor<"int32"> {
  const rows = Int32Array.from({ length: pictures * TOKEN_COUNT }, (_, row) => row);
  return intTensor(rows, [pictures, TOKEN_COUNT]);
}

function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = 0; i < count; i++) {
    const j = i + random.below(count - i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
