/**
 * What brings a vision tower's tokens into a language model: two linear maps with a GELU between.
 *
 * Source: Liu et al. 2023, "Improved Baselines with Visual Instruction Tuning" (LLaVA-1.5), section 3.2.
 */
import { linear } from "../../engine/graph/ops/matmul.js";
import { gelu } from "../../engine/graph/ops/unary.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";

export interface ProjectorLinear<T> {
  /** [out, in] */
  readonly weight: T;
  /** [out] */
  readonly bias?: T;
}

export interface ProjectorWeights<T> {
  /** [D, width of the tower] */
  readonly fc1: ProjectorLinear<T>;
  /** [D, D] */
  readonly fc2: ProjectorLinear<T>;
}

/** Image tokens [B,P,D] of a tower's tokens [B,P,width]. */
export function projected(tokens: Value, { fc1, fc2 }: ProjectorWeights<Value>): Value {
  return scope("projector", () => {
    const hidden = site("post", gelu(site("pre", linear(tokens, fc1.weight, fc1.bias))));
    return site("out", linear(hidden, fc2.weight, fc2.bias));
  });
}
