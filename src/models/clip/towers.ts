/**
 * Towers of pictures and of texts as graphs.
 *
 * Source: Radford et al. 2021 (CLIP); Dosovitskiy et al. 2021 (ViT); Darcet et al. 2024, "Vision Transformers Need Registers";
 * Zhai et al. 2023 (SigLIP). The residual stream of a vision tower starts after the layer norm `pre_norm`, where there is one.
 */
import { add } from "../../engine/graph/ops/arithmetic.js";
import { gather, gatherPerRow } from "../../engine/graph/ops/indexing.js";
import { constant } from "../../engine/graph/ops/leaves.js";
import { conv2d } from "../../engine/graph/ops/conv.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { mean } from "../../engine/graph/ops/reduce.js";
import { concat, expand, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import { attention, block, type BlockConfig, mlp, norm } from "./transformer.js";
import type { BlockWeights, PoolWeights, Projection, TextWeights, VisionWeights } from "./weights.js";

/**
 * Pixels [B,3,S,S], normalised, to features [B,d_out] (not normalised). With `kept` (int32 [B,K], rows of [B·N]) only these
 * tokens enter the transformer, the class token first: Li et al. 2023, "Scaling Language-Image Pre-training via Masking".
 */
export function visionTower(pixels: Value, w: VisionWeights<Value>, config: BlockConfig, kept?: Value): Value {
  return scope("visual", () => {
    const normed = visionTokens(pixels, w, config, kept);
    const [batch, , width] = normed.shape as [number, number, number];
    const { pool, classEmbedding } = w;
    if (pool === undefined && classEmbedding === undefined) return project(mean(normed, [1]), w.projection);
    const read = pool === undefined ? slice(normed, 1, 0, 1) : attentionPool(normed, pool, config);
    return project(reshape(read, [batch, width]), w.projection);
  });
}

/**
 * As {@link visionTower}, but every token is projected as the class token is: [B,N,d_out], of which row 0 is the features.
 * What a patch's features mean is up to training; see Zhou et al. 2022, "Extract Free Dense Labels from CLIP".
 */
export function visionTokenFeatures(pixels: Value, w: VisionWeights<Value>, config: BlockConfig, kept?: Value): Value {
  return scope("visual", () => project(visionTokens(pixels, w, config, kept), w.projection));
}

/** The tokens of pixels after the last norm [B,N,D]. */
function visionTokens(pixels: Value, w: VisionWeights<Value>, config: BlockConfig, kept: Value | undefined): Value {
  const embedded = site("embed", embedPatches(pixels, w));
  const position = site("pos_embed", expand(w.position, embedded.shape));
  const all = add(embedded, position);
  const tokens = kept === undefined ? all : gather(reshape(all, [all.shape[0]! * all.shape[1]!, all.shape[2]!]), kept);
  const { preNorm } = w;
  const start = preNorm === undefined ? tokens : site("pre_norm", norm("pre_norm", tokens, preNorm, config.epsilon));
  const end = blocks(start, w.blocks, config);
  return site("post_norm", norm("post_norm", end, w.postNorm, config.epsilon));
}

/**
 * One vector [B,1,D] of tokens [B,N,D]: what one learnt query attends to, and what an MLP makes of that beside it.
 * Source: Zhai et al. 2022, "Scaling Vision Transformers" (MAP head).
 */
function attentionPool(tokens: Value, w: PoolWeights<Value>, config: BlockConfig): Value {
  return scope("pool", () => {
    const probe = expand(w.probe, [tokens.shape[0]!, 1, tokens.shape[2]!]);
    const attended = scope("attn", () => attention(probe, tokens, w, config));
    const normed = norm("norm", attended, w.norm, config.epsilon);
    return add(
      attended,
      scope("mlp", () => mlp(normed, w, config)),
    );
  });
}

export interface TextTowerConfig extends BlockConfig {
  /** Whether tokens see all tokens, not only those before them. */
  readonly bidirectional?: boolean;
}

/** Token ids int32 [B,N] and the position int32 [B] of the token that each text is read at, to features [B,d_out] (not normalised). */
export function textTower(tokens: Value, ends: Value, w: TextWeights<Value>, config: TextTowerConfig): Value {
  return scope("text", () => {
    const embedded = site("embed", gather(w.tokens, tokens));
    const length = tokens.shape[1]!;
    const position = site("pos_embed", expand(slice(w.position, 0, 0, length), embedded.shape));
    const mask = config.bidirectional === true ? undefined : causalMask(length);
    const end = blocks(add(embedded, position), w.blocks, config, mask);
    const normed = site("post_norm", norm("post_norm", end, w.finalNorm, config.epsilon));
    return project(gatherPerRow(normed, ends), w.projection);
  });
}

/** The class token and registers, where there are any, then the patches in row-major order: [B,N,D]. */
function embedPatches(pixels: Value, w: VisionWeights<Value>): Value {
  const { classEmbedding, registers, patch, patchBias } = w;
  const [width, , patchSize] = patch.shape as [number, number, number];
  const patches = conv2d(pixels, patch, { stride: patchSize, ...(patchBias === undefined ? {} : { bias: patchBias }) });
  const [batch, , rows, columns] = patches.shape as [number, number, number, number];
  const sequence = transpose(reshape(patches, [batch, width, rows * columns]), [0, 2, 1]);
  const prefix = [classEmbedding && reshape(classEmbedding, [1, width]), registers].filter((x) => x !== undefined);
  return prefix.length === 0 ? sequence : concat([...prefix.map((x) => expand(x, [batch, ...x.shape])), sequence], 1);
}

function blocks(x: Value, weights: readonly BlockWeights<Value>[], config: BlockConfig, mask?: Value): Value {
  return scope("blocks", () => weights.reduce((y, w, i) => scope(String(i), () => block(y, w, config, mask)), x));
}

function project(read: Value, { weight, order, bias, identity }: Projection<Value>): Value {
  const pooled = site("pooled", read);
  if (identity === true) return site("features", pooled);
  const projected = matmul(pooled, weight, { transposeB: order === "out-in" });
  return site("features", bias === undefined ? projected : add(projected, bias));
}

/** 0 where a token may look, far below any score where it may not: [N,N]. */
function causalMask(length: number): Value {
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) mask.fill(-Infinity, row * length + row + 1, (row + 1) * length);
  return constant(floatTensor(mask, [length, length]));
}
