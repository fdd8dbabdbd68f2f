/** What a step of training must compute and must keep, counted from its graph. */
import { countFlops } from "../../engine/graph/flops.js";
import { gradients } from "../../engine/graph/gradients.js";
import { reachable } from "../../engine/graph/lowering.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { reshapeOp } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { TrainModel } from "./train-models.js";

export interface TrainCosts {
  readonly flops: number;
  /** Parameters, gradients, two moments, and what the forward pass computes and the backward pass reads. */
  readonly neededBytes: number;
}

export function trainCosts({ x, target, parameters, loss }: TrainModel): TrainCosts {
  const values = new Map(parameters.map(({ name, shape }) => [name, input(name, shape)]));
  const labels = input("target", target.shape, "classes" in target.fill ? "int32" : "float32");
  const result = loss((name) => values.get(name)!, input("x", x.shape), labels);
  const outputs = [result, ...gradients(result, [...values.values()])];
  const learned = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { flops: countFlops(outputs), neededBytes: 4 * (4 * learned + keptElements(result, outputs)) };
}

function keptElements(loss: Value, outputs: readonly Value[]): number {
  const forward = reachable([loss]);
  const kept = new Set<Value>();
  for (const value of reachable(outputs)) {
    if (forward.has(value)) continue;
    for (const read of value.inputs) {
      const source = withoutReshapes(read);
      if (forward.has(source) && source.inputs.length > 0) kept.add(source);
    }
  }
  return [...kept].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** The value whose memory this one shares. */
function withoutReshapes(value: Value): Value {
  return value.op === reshapeOp ? withoutReshapes(value.inputs[0]!) : value;
}
