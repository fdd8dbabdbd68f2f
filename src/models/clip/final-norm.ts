/**
 * The map from the residual stream to the representation of a picture or a text, made linear by freezing the final layer norm's statistics.
 *
 * Source: Gandelsman, Efros, Steinhardt 2024, "Interpreting CLIP's Image Representation via Text-Based Decomposition",
 * section 3 and appendix; constants are shared out as its reference implementation does: every additive term gets the same
 * share of the mean and of the bias.
 */
import { add, div, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { sqrt } from "../../engine/graph/ops/unary.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { mean, sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { TowerGraph } from "./tower.js";
import type { Projection, VisionWeights } from "./weights.js";

export type VisionGraph = TowerGraph<VisionWeights<Value>>;

/** The three numbers per picture or text that carry everything frozen: with σ, μ of the final layer norm and n = ‖features‖. */
export interface FrozenScalars {
  /** 1/(σ n), [B,1] */
  readonly scale: Value;
  /** μ/(σ n), [B,1] */
  readonly centre: Value;
  /** 1/n, [B,1] */
  readonly norm: Value;
}

/** Number of terms in the residual stream of the token that is read: its start, and what each attention and MLP wrote. */
export const termCount = (layers: number): number => 2 * layers + 1;

/** Row 0 of axis 1: the class token's [B,…] of x [B,N,…]. */
function classToken(x: Value): Value {
  const [batch, , ...rest] = x.shape as [number, number, ...number[]];
  return reshape(slice(x, 1, 0, 1), [batch, ...rest]);
}

/** The scalars of the forward pass at hand. Nothing is normalised after a pool: σ is 1 and μ is 0. */
export function frozenScalars(graph: VisionGraph): FrozenScalars {
  const { features, weights } = graph;
  if (weights.pool !== undefined) {
    const norm = inverseLength(features);
    return { scale: norm, centre: mul(norm, 0), norm };
  }
  const last = graph.site(`visual.blocks.${weights.blocks.length - 1}.resid_post`);
  return streamScalars(features, classToken(last), classToken(graph.site("visual.post_norm.scale")));
}

/** The scalars of features [B,d_out] that are read from a stream [B,D] at its end; `inverse` [B,1] is 1/σ of the final norm there. */
export function streamScalars(features: Value, stream: Value, inverse: Value): FrozenScalars {
  const norm = inverseLength(features);
  const scale = mul(inverse, norm);
  return { scale, centre: mul(mean(stream, [1], { keepDims: true }), scale), norm };
}

const inverseLength = (x: Value): Value => div(1, sqrt(sum(mul(x, x), [1], { keepDims: true })));

/** As one tensor [B,3], the form in which they are stored. */
export const packScalars = ({ scale, centre, norm }: FrozenScalars): Value => concat([scale, centre, norm], 1);

/** The inverse of {@link packScalars}. */
export function unpackScalars(packed: Value): FrozenScalars {
  const column = (i: number): Value => slice(packed, 1, i, i + 1);
  return { scale: column(0), centre: column(1), norm: column(2) };
}

/**
 * Contributions [B,K,d_out] of terms [B,K,D] of the residual stream to the normalised features.
 * `share` is each term's part of the final norm's mean and bias: the shares of all terms add up to 1.
 */
export function contribute(
  terms: Value,
  share: number,
  scalars: FrozenScalars,
  weights: Pick<VisionWeights<Value>, "postNorm" | "projection">,
): Value {
  const { gamma, beta } = weights.postNorm;
  const perPicture = (scalar: Value): Value => reshape(scalar, [scalar.shape[0]!, 1, 1]);
  const scaled = sub(mul(terms, perPicture(scalars.scale)), mul(perPicture(scalars.centre), share));
  return project(add(mul(scaled, gamma), mul(mul(beta, share), perPicture(scalars.norm))), weights.projection);
}

/** x […,D] to the shared space […,d_out]. */
export const project = (x: Value, projection: Projection<Value>): Value =>
  projection.identity === true ? x : matmul(x, projectionMatrix(projection));

/** The projection as [D, d_out], however it is stored. */
export function projectionMatrix({ weight, order }: Projection<Value>): Value {
  return order === "in-out" ? weight : transpose(weight, [1, 0]);
}

/** What attention's output projection writes, LayerScale included: weight [D, H·d] and bias [D] of one block. */
export function outputProjection(block: VisionWeights<Value>["blocks"][number]): { weight: Value; bias: Value } {
  const { out, scale1 } = block;
  if (scale1 === undefined) return out;
  return { weight: mul(out.weight, reshape(scale1, [scale1.shape[0]!, 1])), bias: mul(out.bias, scale1) };
}

/** What the MLP's second layer writes, LayerScale included: weight [D,F] and bias [D] of one block. */
export function mlpProjection(block: VisionWeights<Value>["blocks"][number]): { weight: Value; bias: Value } {
  const { fc2, scale2 } = block;
  if (scale2 === undefined) return fc2;
  return { weight: mul(fc2.weight, reshape(scale2, [scale2.shape[0]!, 1])), bias: mul(fc2.bias, scale2) };
}
