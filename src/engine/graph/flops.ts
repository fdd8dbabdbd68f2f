/** What a graph must cost, counted from its shapes. */
import { sizeOf } from "../tensor/shape.js";
import { reachable } from "./lowering.js";
import { conv2dOp, linearOp, matmulOp } from "./ops/linear.js";
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

function flopsOf({ op, shape, inputs }: Value): number {
  if (op === matmulOp) return 2 * sizeOf(shape) * inputs[0]!.shape.at(-1)!;
  if (op === linearOp) return 2 * sizeOf(shape) * inputs[1]!.shape[1]!;
  if (op === conv2dOp) return 2 * sizeOf(shape) * sizeOf(inputs[1]!.shape.slice(1));
  return 0;
}
