/** Losses, built from other ops. Each is a scalar: the mean over the batch. */
import type { Value } from "../value.js";
import { mul, sub } from "./arithmetic.js";
import { gatherPerRow } from "./indexing.js";
import { logSoftmax } from "./normalise.js";
import { mean } from "./reduce.js";
import { square } from "./unary.js";

/** Mean of -log softmax(logits)[b, labels[b]]; logits [B,C], labels int32 [B]. */
export function crossEntropy(logits: Value, labels: Value): Value {
  return mul(mean(gatherPerRow(logSoftmax(logits), labels)), -1);
}

/** Mean of (a - b)² over all elements. */
export const meanSquaredError = (a: Value, b: Value): Value => mean(square(sub(a, b)));
