/** A causal language model as a graph. */
import { constant } from "../../engine/graph/ops/leaves.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import { type BlockInputs, type KeyValues, languageBlock, normWithSite, project } from "./block.js";
import type { LanguageConfig } from "./config.js";
import type { RotaryTables } from "./rotary.js";
import type { LanguageWeights } from "./weights.js";

/** Added to the scores of what a token does not see: its share is then 0 to the bit. */
export const UNSEEN = -1e30;

export interface LanguageInputs {
  /** Embeddings [B,N,D], or what the block `from` starts with. */
  readonly x: Value;
  /** The block to begin with; default 0. */
  readonly from?: number;
  /** Of the places of these tokens. */
  readonly rotary: RotaryTables<Value>;
  /** By block, from `from` on: what earlier tokens left. */
  readonly past?: readonly NonNullable<BlockInputs["past"]>[];
}

export interface LanguageOutputs {
  /** After the final norm: [B,N,D]. */
  readonly hidden: Value;
  /** By block, from `from` on. */
  readonly keyValues: readonly KeyValues<Value>[];
}

/** Runs the blocks from `from` on; each token sees itself, those before it, and the past. */
export function languageModel(
  { x, from = 0, rotary, past }: LanguageInputs,
  weights: LanguageWeights<Value>,
  config: LanguageConfig,
): LanguageOutputs {
  const tokens = x.shape[1]!;
  const mask = tokens > 1 ? causalMask(tokens) : undefined;
  return scope("lm", () => {
    let stream = from === 0 ? site("embed", x) : x;
    const keyValues = weights.blocks.slice(from).map((block, i) => {
      const inputs = { rotary, ...(mask && { mask }), ...(past && { past: past[i]! }) };
      const result = scope(`blocks.${from + i}`, () => languageBlock(stream, block, config, inputs));
      stream = result.x;
      return result.keyValues;
    });
    return {
      hidden: site("post_norm", normWithSite("post_norm", stream, weights.finalNorm, config.epsilon)),
      keyValues,
    };
  });
}

/** Logits [B,N,V] of hidden states [B,N,D]. */
export function languageLogits(hidden: Value, { head }: LanguageWeights<Value>): Value {
  return scope("lm", () => site("logits", project(hidden, { weight: head })));
}

function causalMask(tokens: number): Value {
  const mask = new Float32Array(tokens * tokens);
  for (let row = 0; row < tokens; row++) mask.fill(UNSEEN, row * tokens + row + 1, (row + 1) * tokens);
  return constant(floatTensor(mask, [tokens, tokens]));
}
