/**
 * The Q-Former: learnt queries that gather from a picture what a text asks for, and are then read by a language model.
 *
 * Source: Li et al. 2023, "BLIP-2", section 3.1; Dai et al. 2023, "InstructBLIP", section 2.3 (the queries attend to the instruction
 * too). Blocks are BERT's, normalised after each sum (Devlin et al. 2019). Q queries, n tokens of text, P tokens of the tower, W width.
 */
import { add } from "../../engine/graph/ops/arithmetic.js";
import { gather } from "../../engine/graph/ops/indexing.js";
import { linear } from "../../engine/graph/ops/matmul.js";
import { concat, expand, slice } from "../../engine/graph/ops/shaping.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";
import { attention, type BlockConfig, mlp, norm } from "../clip/transformer.js";
import type { Linear, Norm } from "../clip/weights.js";

/** Attention, and the norm of its sum with what went in. */
export interface NormedAttention<T> {
  readonly q: Linear<T>;
  /** [W, W], or [W, width of the tower] where the tower's tokens are attended to. */
  readonly k: Linear<T>;
  readonly v: Linear<T>;
  readonly out: Linear<T>;
  readonly norm: Norm<T>;
}

/** An MLP, and the norm of its sum with what went in. */
export interface NormedMlp<T> {
  readonly fc1: Linear<T>;
  readonly fc2: Linear<T>;
  readonly norm: Norm<T>;
}

export interface QueryBlockWeights<T> {
  /** Of queries and text, to both. */
  readonly self: NormedAttention<T>;
  /** Of queries, to the picture; not in every block. */
  readonly cross?: NormedAttention<T>;
  readonly queryMlp: NormedMlp<T>;
  readonly textMlp: NormedMlp<T>;
}

export interface QueryFormerWeights<T> {
  /** [Q, W] */
  readonly queries: T;
  /** [vocabulary, W] */
  readonly words: T;
  /** [longest text, W] */
  readonly position: T;
  readonly norm: Norm<T>;
  readonly blocks: readonly QueryBlockWeights<T>[];
  /** To the language model's width: [D, W]. */
  readonly projection: Linear<T>;
}

export type QueryFormerConfig = Pick<BlockConfig, "heads" | "activation" | "epsilon">;

/** Image tokens [B,Q,D] of a tower's tokens [B,P,width] and the ids of the text that asks, int32 [B,n]. */
export function queried(
  seen: Value,
  text: Value,
  weights: QueryFormerWeights<Value>,
  config: QueryFormerConfig,
): Value {
  return scope("qformer", () => {
    const [batch, length] = text.shape as [number, number];
    const [count, width] = weights.queries.shape as [number, number];
    const places = expand(slice(weights.position, 0, 0, length), [batch, length, width]);
    const words = add(gather(weights.words, text), places);
    const start = concat([expand(weights.queries, [batch, count, width]), words], 1);
    let stream = site("embed", norm("norm", start, weights.norm, config.epsilon));
    for (const [i, block] of weights.blocks.entries()) {
      stream = scope(`blocks.${i}`, () => queryBlock(stream, seen, count, block, config));
    }
    const { weight, bias } = weights.projection;
    return site("out", linear(slice(stream, 1, 0, count), weight, bias));
  });
}

function queryBlock(
  x: Value,
  seen: Value,
  count: number,
  w: QueryBlockWeights<Value>,
  config: QueryFormerConfig,
): Value {
  const start = site("resid_pre", x);
  const attended = attend("attn", start, start, w.self, config);
  const queries = slice(attended, 1, 0, count);
  const { cross } = w;
  const looked = cross === undefined ? queries : attend("cross", queries, seen, cross, config);
  const text = slice(attended, 1, count, x.shape[1]!);
  const both = [process("mlp", looked, w.queryMlp, config), process("text_mlp", text, w.textMlp, config)];
  return site("resid_post", concat(both, 1));
}

function attend(name: string, x: Value, source: Value, w: NormedAttention<Value>, config: QueryFormerConfig): Value {
  const written = scope(name, () => attention(x, source, w, config));
  return norm(`${name}.norm`, add(written, x), w.norm, config.epsilon);
}

function process(name: string, x: Value, w: NormedMlp<Value>, config: QueryFormerConfig): Value {
  const written = scope(name, () => mlp(x, w, config));
  return norm(`${name}.norm`, add(written, x), w.norm, config.epsilon);
}
