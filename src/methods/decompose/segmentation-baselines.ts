/**
 * Other ways to say where a CLIP looks, to compare segmentation by contributions with. Each gives the same form of heat,
 * [B,1,g,g], of pixels [B,3,S,S]: B pictures, N tokens (class token first), g patches on a side, D width. All throw
 * `PixelShapeError`, and `MissingPartError` for a model without a class token.
 */
import { add, div, mul } from "../../engine/graph/ops/arithmetic.js";
import { constant, input } from "../../engine/graph/ops/leaves.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { layerNorm } from "../../engine/graph/ops/normalise.js";
import { mean, sum } from "../../engine/graph/ops/reduce.js";
import { reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import { relu, sqrt } from "../../engine/graph/ops/unary.js";
import { gradients } from "../../engine/graph/gradients.js";
import type { Value } from "../../engine/graph/value.js";
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import type { VisionGraph } from "../../models/clip/final-norm.js";
import { requireClassToken } from "../../models/clip/readout.js";

/** How the class token attends to each patch in the last layer, the mean over its heads: the same for every text. */
export function rawAttention(clip: Clip, pixels: FloatTensor): Promise<FloatTensor> {
  return patchHeat(clip, "raw-attention", { pixels }, (graph) => slice(meanPatterns(graph).at(-1)!, 1, 0, 1));
}

/**
 * Attention followed through all layers, each with its skip connection as an equal part: the class token's row of the product
 * of (A + I)/2, A the mean over heads. Rows of A add up to 1, so those of the factors do too. The same for every text.
 * Source: Abnar, Zuidema 2020, "Quantifying Attention Flow in Transformers", section 3.
 */
export function attentionRollout(clip: Clip, pixels: FloatTensor): Promise<FloatTensor> {
  return patchHeat(clip, "attention-rollout", { pixels }, (graph) => {
    const patterns = meanPatterns(graph);
    const classToken = new Float32Array(patterns[0]!.shape[2]!);
    classToken[0] = 1;
    const start: Value = constant(floatTensor(classToken, [1, 1, classToken.length]));
    return patterns.reduceRight((row, pattern) => mul(add(matmul(row, pattern), row), 0.5), start);
  });
}

/**
 * GradCAM on what the last block's attention reads, the output of its first layer norm: channels of the patches weighted by
 * their mean gradient, negative sums as 0. The gradient is that of the cosine with each picture's own direction [B,1,d_out].
 * Source: Selvaraju et al. 2017, "Grad-CAM", section 3, with patches for positions as is usual for ViTs.
 */
export function gradCam(clip: Clip, pixels: FloatTensor, directions: FloatTensor): Promise<FloatTensor> {
  const { epsilon, prefix } = clip.parts.vision;
  return patchHeat(clip, "grad-cam", { pixels, directions }, (graph, batch) => {
    const { features, weights } = graph;
    const last = weights.blocks.length - 1;
    const { norm1, k, v } = weights.blocks[last]!;
    const direction = input("directions", [batch, 1, directions.shape[2]!]);
    const products = sum(mul(features, reshape(direction, features.shape)), [1]);
    const cosines = div(products, sqrt(sum(mul(features, features), [1])));
    // Pictures do not mix, so the gradient of the sum is each picture's own. To the class token, patches are keys and values only.
    const sites = ["k", "v"].map((name) => graph.site(`visual.blocks.${last}.attn.${name}`));
    const [ofKeys, ofValues] = gradients(sum(cosines, [0]), sites) as [Value, Value];
    const gradient = add(matmul(joinHeads(ofKeys), k.weight), matmul(joinHeads(ofValues), v.weight));
    const normed = layerNorm(graph.site(`visual.blocks.${last}.resid_pre`), norm1.gamma, norm1.beta, epsilon);
    const importance = mean(patchesOf(gradient, 1, prefix), [1], { keepDims: true });
    return relu(matmul(importance, normed, { transposeB: true }));
  });
}

/** Runs a graph that gives one value for each token [B,1,N], and lays out those of the patches. */
async function patchHeat(
  clip: Clip,
  key: string,
  rows: Readonly<Record<"pixels", FloatTensor> & Record<string, Tensor>>,
  byToken: (graph: VisionGraph, batch: number) => Value,
): Promise<FloatTensor> {
  clip.checkPixels(rows.pixels);
  requireClassToken(clip);
  const { grid, prefix } = clip.parts.vision;
  const { heat } = await clip.vision.run(key, rows, (graph, batch) => ({
    heat: reshape(patchesOf(byToken(graph, batch), 2, prefix), [batch, 1, grid, grid]),
  }));
  return heat;
}

/** Attention [B,N,N] of each layer, the mean over its heads. */
function meanPatterns(graph: VisionGraph): Value[] {
  return graph.sites("visual.blocks.*.attn.pattern").map((pattern) => mean(pattern, [1]));
}

/** All tokens but those before the patches. */
const patchesOf = (x: Value, axis: number, prefix: number): Value => slice(x, axis, prefix, x.shape[axis]!);

/** [B,H,N,d] to [B,N,D]. */
function joinHeads(x: Value): Value {
  const [batch, heads, tokens, width] = x.shape as [number, number, number, number];
  return reshape(transpose(x, [0, 2, 1, 3]), [batch, tokens, heads * width]);
}
