/** Contributions by source token: what each patch wrote to the class token, layer by layer. */
import { add, mul, sub } from "../../engine/graph/ops/elementwise.js";
import { linear, matmul } from "../../engine/graph/ops/linear.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import {
  contribute,
  frozenScalars,
  outputProjection,
  projectionMatrix,
  termCount,
  type VisionGraph,
} from "./final-norm.js";

interface LayerAttention {
  /** How the class token attends: [B,H,N,1]. */
  readonly attention: Value;
  /** [B,H,N,d] */
  readonly values: Value;
}

function attentionByLayer(graph: VisionGraph): LayerAttention[] {
  const values = graph.sites("visual.blocks.*.attn.v");
  return graph.sites("visual.blocks.*.attn.pattern").map((pattern, layer) => {
    const [batch, heads, , tokens] = pattern.shape as [number, number, number, number];
    return { attention: reshape(slice(pattern, 2, 0, 1), [batch, heads, tokens, 1]), values: values[layer]! };
  });
}

/** Contributions [B,L,N,d_out] of each source token, summed over heads; the class token's own (i = 0) included. */
export function tokenContributions(graph: VisionGraph): Value {
  const scalars = frozenScalars(graph);
  const perLayer = attentionByLayer(graph).map(({ attention, values }, layer) => {
    const [batch, heads, tokens, width] = values.shape as [number, number, number, number];
    const { weight, bias } = outputProjection(graph.weights.blocks[layer]!);
    const weighted = reshape(transpose(mul(attention, values), [0, 2, 1, 3]), [batch, tokens, heads * width]);
    const written = add(linear(weighted, weight), mul(bias, 1 / tokens));
    const contribution = contribute(
      written,
      1 / (termCount(graph.weights.blocks.length) * tokens),
      scalars,
      graph.weights,
    );
    return reshape(contribution, [batch, 1, tokens, contribution.shape[2]!]);
  });
  return concat(perLayer, 1);
}

/**
 * Dot products [B,L,H,N,T] of every (head, token) contribution with texts [T,d_out], without forming the contributions:
 * each text is pulled back through the output projection once, to d numbers per head.
 */
export function textMaps(graph: VisionGraph, texts: Value): Value {
  const { blocks, postNorm, projection } = graph.weights;
  const { scale, centre, norm } = frozenScalars(graph);
  // The texts as directions of the residual stream, before and after the final norm's gain: [D,T].
  const pulled = matmul(projectionMatrix(projection), texts, { transposeB: true });
  const directions = mul(pulled, reshape(postNorm.gamma, [pulled.shape[0]!, 1]));
  const [width, count] = directions.shape as [number, number];
  const along = (vector: Value, of: Value): Value => matmul(reshape(vector, [1, width]), of);

  const perLayer = attentionByLayer(graph).map(({ attention, values }, layer) => {
    const [batch, heads, tokens, headWidth] = values.shape as [number, number, number, number];
    const { weight, bias } = outputProjection(blocks[layer]!);
    const cells = tokens * heads;
    const share = 1 / (termCount(blocks.length) * cells);
    // Wᵀ directions, [H·d, T], as one [d,T] matrix per head.
    const perHead = reshape(matmul(transpose(weight, [1, 0]), directions), [1, heads, headWidth, count]);
    const written = mul(mul(matmul(values, perHead), attention), reshape(scale, [batch, 1, 1, 1]));
    const constants = add(
      sub(mul(mul(along(bias, directions), 1 / cells), scale), mul(mul(sum(directions, [0]), share), centre)),
      mul(mul(along(postNorm.beta, pulled), share), norm),
    );
    return reshape(add(written, reshape(constants, [batch, 1, 1, count])), [batch, 1, heads, tokens, count]);
  });
  return concat(perLayer, 1);
}
