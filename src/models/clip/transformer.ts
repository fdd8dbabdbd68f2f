/**
 * The residual attention block that all towers are made of (pre-norm transformer).
 *
 * Source: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", section 2.4;
 * site names are one grammar for all transformers (docs/library.md). B batch, N tokens, H heads, D width, d = D/H, F MLP width.
 */
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { gelu, geluTanh, quickGelu, silu } from "../../engine/graph/ops/unary.js";
import { attention as fusedAttention } from "../../engine/graph/ops/attention.js";
import { linear, matmul } from "../../engine/graph/ops/matmul.js";
import { layerNorm, layerNormScale, softmax } from "../../engine/graph/ops/normalise.js";
import { mean } from "../../engine/graph/ops/reduce.js";
import { reshape, transpose } from "../../engine/graph/ops/shaping.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";
import type { BlockWeights, Linear, Norm } from "./weights.js";

export const ACTIVATIONS = { gelu, quick_gelu: quickGelu, gelu_tanh: geluTanh, silu };
export type Activation = keyof typeof ACTIVATIONS;

export interface BlockConfig {
  readonly heads: number;
  readonly activation: Activation;
  /** Added to the variance in layer norms. */
  readonly epsilon: number;
  /** Attention as one op, for training: its scores and pattern are then no sites. */
  readonly fused?: boolean;
}

/** One block: x [B,N,D] to [B,N,D]. `mask` [N,N] is added to the attention scores. */
export function block(x: Value, w: BlockWeights<Value>, config: BlockConfig, mask?: Value): Value {
  const start = site("resid_pre", x);
  const normed1 = norm("norm1", start, w.norm1, config.epsilon);
  const attended = scope("attn", () => attention(normed1, normed1, w, config, mask));
  const middle = site("resid_mid", add(start, attended));
  const normed2 = norm("norm2", middle, w.norm2, config.epsilon);
  const processed = scope("mlp", () => mlp(normed2, w, config));
  return site("resid_post", add(middle, processed));
}

/**
 * Layer norm with the site `NAME.scale`. Where the scale is edited, the change is added to the fused kernel's result:
 * an edit to an equal scale then changes no bit.
 */
export function norm(name: string, x: Value, { gamma, beta }: Norm<Value>, epsilon: number): Value {
  const scale = layerNormScale(x, gamma, epsilon);
  const edited = scope(name, () => site("scale", scale));
  const normed = layerNorm(x, gamma, beta, epsilon);
  if (edited === scale) return normed;
  const centred = sub(x, mean(x, [-1], { keepDims: true }));
  return add(normed, mul(mul(centred, sub(edited, scale)), gamma));
}

/** Attention of `x` [B,M,D] to `source` [B,N,D]. */
export function attention(
  x: Value,
  source: Value,
  w: Pick<BlockWeights<Value>, "q" | "k" | "v" | "out" | "scale1">,
  { heads, fused = false }: BlockConfig,
  mask?: Value,
): Value {
  const [batch, queries, width] = x.shape as [number, number, number];
  const project = (name: string, of: Value, { weight, bias }: Linear<Value>): Value => {
    const perHead = [batch, of.shape[1]!, heads, width / heads];
    return site(name, transpose(reshape(linear(of, weight, bias), perHead), [0, 2, 1, 3]));
  };
  const q = project("q", x, w.q);
  const k = project("k", source, w.k);
  const v = project("v", source, w.v);
  const z = site("z", fused ? fusedAttention(q, k, v, mask === undefined ? {} : { mask }) : attend(q, k, v, mask));
  const merged = reshape(transpose(z, [0, 2, 1, 3]), [batch, queries, width]);
  return site("out", scaled(linear(merged, w.out.weight, w.out.bias), w.scale1));
}

/** Attention with a site for everything in it. */
function attend(q: Value, k: Value, v: Value, mask?: Value): Value {
  const products = matmul(q, k, { transposeB: true, scale: q.shape.at(-1)! ** -0.5 });
  const scores = site("scores", mask === undefined ? products : add(products, mask));
  return matmul(site("pattern", softmax(scores)), v);
}

export function mlp(
  x: Value,
  w: Pick<BlockWeights<Value>, "fc1" | "fc1Linear" | "fc2" | "scale2">,
  { activation }: BlockConfig,
): Value {
  const pre = site("pre", linear(x, w.fc1.weight, w.fc1.bias));
  const activated = ACTIVATIONS[activation](pre);
  const factor = w.fc1Linear && site("pre_linear", linear(x, w.fc1Linear.weight, w.fc1Linear.bias));
  const post = site("post", factor === undefined ? activated : mul(activated, factor));
  return site("out", scaled(linear(post, w.fc2.weight, w.fc2.bias), w.scale2));
}

function scaled(x: Value, factor: Value | undefined): Value {
  return factor === undefined ? x : mul(x, factor);
}
