/**
 * What a text's features are read from: the residual stream of its end token, which attends to the tokens before it and to
 * itself. As for pictures, the final norm is made linear by freezing its statistics.
 */
import { div } from "../../engine/graph/ops/arithmetic.js";
import { less, where } from "../../engine/graph/ops/compare.js";
import { gatherPerRow } from "../../engine/graph/ops/indexing.js";
import { constant, input } from "../../engine/graph/ops/leaves.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { reshape, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { intTensor } from "../../engine/tensor/tensor.js";
import { MissingPartError } from "./errors.js";
import { type FrozenScalars, outputProjection, streamScalars } from "./final-norm.js";
import type { ReadLayer, Readout } from "./readout.js";
import type { TowerGraph } from "./tower.js";
import type { TextWeights } from "./weights.js";

export type TextGraph = TowerGraph<TextWeights<Value>>;

/** Throws {@link MissingPartError} for a projection with a bias: that is written by no part of the tower. */
export function textReadout(graph: TextGraph): Readout {
  const { blocks, finalNorm, projection } = graph.weights;
  if (projection.bias !== undefined) {
    throw new MissingPartError({
      what: "the text tower adds a bias after its projection, which no head, token or MLP wrote",
      expected: "a text tower as CLIP has it",
      fix: "use a CLIP",
    });
  }
  return {
    layers: blocks.map((block, i) => ({ ...layerOf(graph, `text.blocks.${i}`), out: outputProjection(block) })),
    start: asRow(endToken(graph, graph.site("text.blocks.0.resid_pre"))),
    postNorm: finalNorm,
    projection,
    shares: tokenShares(graph),
  };
}

export function textScalars(graph: TextGraph): FrozenScalars {
  const last = graph.site(`text.blocks.${graph.weights.blocks.length - 1}.resid_post`);
  return streamScalars(graph.features, endToken(graph, last), endToken(graph, graph.site("text.post_norm.scale")));
}

function layerOf(graph: TextGraph, at: string): Omit<ReadLayer, "out"> {
  const values = graph.site(`${at}.attn.v`);
  const [batch, heads, tokens] = values.shape as [number, number, number];
  // [B,H,N,…] with the attending token first.
  const ofEnd = (x: Value): Value => endToken(graph, transpose(x, [0, 2, 1, 3]));
  return {
    z: ofEnd(graph.site(`${at}.attn.z`)),
    attention: reshape(ofEnd(graph.site(`${at}.attn.pattern`)), [batch, heads, tokens, 1]),
    values,
    mlp: asRow(endToken(graph, graph.site(`${at}.mlp.out`))),
  };
}

/** [B,…] of x [B,N,…]. */
function endToken({ features }: TextGraph, x: Value): Value {
  return gatherPerRow(x, input("ends", [features.shape[0]!], "int32"));
}

const asRow = (x: Value): Value => reshape(x, [x.shape[0]!, 1, x.shape[1]!]);

/** 1/n for each of the n tokens up to the end token, and 0 for what follows it, [B,N]. */
function tokenShares(graph: TextGraph): Value {
  const [batch, tokens] = graph.site("text.embed").shape as [number, number];
  const places = constant(
    intTensor(
      Int32Array.from({ length: tokens }, (_, i) => i),
      [1, tokens],
    ),
  );
  const ends = reshape(input("ends", [batch], "int32"), [batch, 1]);
  const attended = where(less(ends, places), 0, 1);
  return div(attended, sum(attended, [1], { keepDims: true }));
}
