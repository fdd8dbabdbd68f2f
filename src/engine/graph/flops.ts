/** What a graph must cost, counted from its shapes. */
import { type Shape, sizeOf } from "../tensor/shape.js";
import { reachable } from "./lowering.js";
import { attentionOp } from "./ops/attention.js";
import { convWeightGradientOp } from "./ops/conv-weight-gradient.js";
import { convOp, convTransposeOp } from "./ops/conv.js";
import { linearOp, matmulOp } from "./ops/matmul.js";
import type { Value } from "./value.js";

/**
 * Floating-point operations (a multiplication and an addition count as two) of the matrix products and convolutions that
 * `outputs` need. Everything else costs far less and is left out.
 */
export function countFlops(outputs: readonly Value[]): number {
  let total = 0;
  for (const value of reachable(outputs)) total += flopsOf(value);
  return total;
}

function flopsOf({ op, shape, inputs, attributes }: Value): number {
  const size = sizeOf(shape);
  const [a, b, c] = inputs.map((input) => input.shape) as [Shape, Shape, Shape];
  if (op === matmulOp) return 2 * size * a.at((attributes as { transposeA: boolean }).transposeA ? -2 : -1)!;
  if (op === linearOp) return 2 * size * b[1]!;
  if (op === convOp) return 2 * size * sizeOf(b.slice(1));
  if (op === convTransposeOp) return 2 * sizeOf(a) * sizeOf(b.slice(1));
  if (op === convWeightGradientOp) return 2 * sizeOf(b) * sizeOf(shape.slice(1));
  if (op === attentionOp) return 2 * sizeOf(a) * b.at(-2)! + 2 * sizeOf(a.slice(0, -1)) * sizeOf(c.slice(-2));
  return 0;
}
