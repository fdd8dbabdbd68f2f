/**
 * One block of a causal language model of the Llama family.
 *
 * Source: Touvron et al. 2023, "LLaMA", section 2.2 (pre-normalisation by RMS norm, SwiGLU, rotary positions); Ainslie et al. 2023,
 * "GQA" (fewer heads of keys than of queries). Sites are those of docs/library.md. B batch, N tokens, H heads of queries, K of keys,
 * d head width, T places of the cache.
 */
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { linear, matmul } from "../../engine/graph/ops/matmul.js";
import { quantisedLinear } from "../../engine/graph/ops/quantised-linear.js";
import { softmax } from "../../engine/graph/ops/normalise.js";
import { rmsNorm, rmsNormScale } from "../../engine/graph/ops/rms-norm.js";
import { rotary } from "../../engine/graph/ops/rotary.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import { silu } from "../../engine/graph/ops/unary.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";
import type { LanguageConfig } from "./config.js";
import { isQuantised } from "./quantised.js";
import type { RotaryTables } from "./rotary.js";
import type { LanguageBlockWeights, LanguageLinear } from "./weights.js";

/** Keys, turned to their places, and values of tokens: [B,K,N,d] each. */
export interface KeyValues<T> {
  readonly k: T;
  readonly v: T;
}

export interface BlockInputs {
  readonly rotary: RotaryTables<Value>;
  /** [N,N], added to the scores among the tokens at hand; absent for one token. */
  readonly mask?: Value;
  /** What earlier tokens left, and [T], added to the scores with them. */
  readonly past?: KeyValues<Value> & { readonly mask: Value };
}

/** x [B,N,D] to [B,N,D], with the keys and values of these tokens. */
export function languageBlock(
  x: Value,
  w: LanguageBlockWeights<Value>,
  config: LanguageConfig,
  inputs: BlockInputs,
): { readonly x: Value; readonly keyValues: KeyValues<Value> } {
  const start = site("resid_pre", x);
  const normed = normWithSite("norm1", start, w.norm1, config.epsilon);
  const { out, keyValues } = scope("attn", () => attention(normed, w, config, inputs));
  const middle = site("resid_mid", add(start, out));
  const normed2 = normWithSite("norm2", middle, w.norm2, config.epsilon);
  const processed = scope("mlp", () => mlp(normed2, w));
  return { x: site("resid_post", add(middle, processed)), keyValues };
}

/** RMS norm with the site `NAME.scale`. An edit to an equal scale changes no bit: its change is added to the kernel's result. */
export function normWithSite(name: string, x: Value, gamma: Value, epsilon: number): Value {
  const scale = rmsNormScale(x, gamma, epsilon);
  const edited = scope(name, () => site("scale", scale));
  const normed = rmsNorm(x, gamma, epsilon);
  return edited === scale ? normed : add(normed, mul(mul(x, sub(edited, scale)), gamma));
}

export function project(x: Value, { weight, bias }: LanguageLinear<Value>): Value {
  if (!isQuantised(weight)) return linear(x, weight, bias);
  const product = quantisedLinear(x, weight);
  return bias === undefined ? product : add(product, bias);
}

function attention(
  x: Value,
  w: LanguageBlockWeights<Value>,
  { heads, keyHeads, headWidth }: LanguageConfig,
  { rotary: { cos, sin }, mask, past }: BlockInputs,
): { readonly out: Value; readonly keyValues: KeyValues<Value> } {
  const [batch, tokens] = x.shape as [number, number, number];
  const split = (name: string, of: LanguageLinear<Value>, count: number): Value =>
    site(name, headsFirst(reshape(project(x, of), [batch, tokens, count, headWidth])));
  const q = site("rot_q", rotary(split("q", w.q, heads), cos, sin));
  const k = site("rot_k", rotary(split("k", w.k, keyHeads), cos, sin));
  const v = split("v", w.v, keyHeads);
  // Heads that share keys stand one below the other, so that each group is one product.
  const grouped = (of: Value): Value => reshape(of, [batch, keyHeads, (heads / keyHeads) * tokens, of.shape.at(-1)!]);
  const apart = (of: Value): Value => reshape(of, [batch, heads, tokens, of.shape.at(-1)!]);
  // Scaled before the product: of one token and a factor of 1 the runtime reads keys where they lie, else it makes a copy of them first.
  const scaled = grouped(mul(q, headWidth ** -0.5));
  const productsWith = (keys: Value): Value => apart(matmul(scaled, keys, { transposeB: true }));
  const own = mask === undefined ? productsWith(k) : add(productsWith(k), mask);
  const scores = site("scores", past === undefined ? own : concat([add(productsWith(past.k), past.mask), own], 3));
  const pattern = site("pattern", softmax(scores));
  const z = site("z", apart(mixed(pattern, grouped, v, past)));
  const merged = reshape(headsFirst(z), [batch, tokens, heads * headWidth]);
  return { out: site("out", project(merged, w.out)), keyValues: { k, v } };
}

/** [B,N,H,d] to [B,H,N,d], or back; of one token or head nothing moves. */
function headsFirst(x: Value): Value {
  const [batch, a, b, width] = x.shape as [number, number, number, number];
  return a === 1 || b === 1 ? reshape(x, [batch, b, a, width]) : transpose(x, [0, 2, 1, 3]);
}

/** The pattern's mix of values, of earlier tokens and of those at hand apart: the cache is read where it lies. */
function mixed(pattern: Value, grouped: (of: Value) => Value, v: Value, past: BlockInputs["past"]): Value {
  if (past === undefined) return matmul(grouped(pattern), v);
  const places = past.v.shape[2]!;
  const before = matmul(grouped(slice(pattern, 3, 0, places)), past.v);
  return add(before, matmul(grouped(slice(pattern, 3, places, pattern.shape[3]!)), v));
}

function mlp(x: Value, w: LanguageBlockWeights<Value>): Value {
  const pre = site("pre", project(x, w.gate));
  const factor = site("pre_linear", project(x, w.up));
  return site("out", project(site("post", mul(silu(pre), factor)), w.down));
}
