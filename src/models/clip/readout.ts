/**
 * What the features are read from, and who writes to it: the class token and all layers of attention, or, where tokens are
 * pooled by attention, the pool alone.
 *
 * @file Of a pooled model's features, what the attention of the pool writes is an exact sum over its heads and tokens. The MLP of the
 * pool is not linear in that sum: what it adds is a term of its own. Tokens have been mixed before, so that blocks have no terms.
 */
import { constant } from "../../engine/graph/ops/leaves.js";
import { reshape, slice } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip, VisionConfig } from "./clip.js";
import { MissingPartError } from "./errors.js";
import { outputProjection, type VisionGraph } from "./final-norm.js";
import type { Linear, VisionWeights } from "./weights.js";

/** One layer of attention, for the token that is read: B pictures, H heads, N tokens, d width of a head, D of the tower. */
export interface ReadLayer {
  /** What its heads gather, [B,H,d]. */
  readonly z: Value;
  /** How it attends, [B,H,N,1]. */
  readonly attention: Value;
  /** [B,H,N,d] */
  readonly values: Value;
  /** From z to what is written, LayerScale included: weight [D,H·d], bias [D]. */
  readonly out: Linear<Value>;
  /** What the MLP that follows writes, [B,1,D]. */
  readonly mlp: Value;
}

export interface Readout extends Pick<VisionWeights<Value>, "postNorm" | "projection"> {
  /** First to last. */
  readonly layers: readonly ReadLayer[];
  /** What is there before the first layer, [B,1,D]. */
  readonly start: Value;
  /** Each token's share of what is written by a layer but by no token, [B,N], adding up to 1; equal shares if absent. */
  readonly shares?: Value;
}

/** Layers of attention that write to what is read. */
export const readLayers = ({ pooling, layers }: Pick<VisionConfig, "pooling" | "layers">): number =>
  pooling === "class" ? layers : 1;

/** Throws {@link MissingPartError} for a tower that was stored without what its features are read from. */
export function readout(graph: VisionGraph): Readout {
  const { pool, blocks, postNorm, projection, classEmbedding } = graph.weights;
  if (pool === undefined && classEmbedding === undefined) {
    throw new MissingPartError({
      what: "the vision tower was stored without its pool, so that it has no features to decompose",
      expected: "a SigLIP with its head",
      fix: "use the whole SigLIP that the tower was taken from",
    });
  }
  if (pool !== undefined) {
    const layer = { ...layerOf(graph, "visual.pool"), out: pool.out };
    const width = layer.mlp.shape[2]!;
    const of = (value: number): Value => constant(floatTensor(new Float32Array(width).fill(value), [width]));
    const start = constant(floatTensor(new Float32Array(sizeOf(layer.mlp.shape)), layer.mlp.shape));
    // Nothing lies between the pool and the features.
    return { layers: [layer], start, postNorm: { gamma: of(1), beta: of(0) }, projection };
  }
  return {
    layers: blocks.map((block, i) => ({ ...layerOf(graph, `visual.blocks.${i}`), out: outputProjection(block) })),
    start: slice(graph.site("visual.blocks.0.resid_pre"), 1, 0, 1),
    postNorm,
    projection,
  };
}

/** The read token is the first of those that attend, in a pool the only one. */
function layerOf(graph: VisionGraph, at: string): Omit<ReadLayer, "out"> {
  const first = (x: Value, axis: number, shape: readonly number[]): Value => reshape(slice(x, axis, 0, 1), shape);
  const z = graph.site(`${at}.attn.z`);
  const values = graph.site(`${at}.attn.v`);
  const [batch, heads, tokens, width] = values.shape as [number, number, number, number];
  return {
    z: first(z, 2, [batch, heads, width]),
    attention: first(graph.site(`${at}.attn.pattern`), 2, [batch, heads, tokens, 1]),
    values,
    mlp: slice(graph.site(`${at}.mlp.out`), 1, 0, 1),
  };
}

/** Throws {@link MissingPartError} for a model without a class token that blocks write to. */
export function requireClassToken({ parts }: Clip): void {
  if (parts.vision.pooling === "class") return;
  throw new MissingPartError({
    what: "the model has no class token to follow through its blocks",
    where: parts.ref,
    ...(parts.vision.pooling === "attention"
      ? {
          got: "features pooled by attention",
          fix: "decompose it instead: the heads and tokens of its pool are known exactly",
        }
      : { got: "a tower that was stored without its pool", fix: "use the whole SigLIP" }),
  });
}
