/**
 * Contributions by source token: what each patch, or each token of a text, wrote to the token that is read, layer by layer.
 *
 * @file Each comes in two steps. The part that depends on the picture's tokens is linear and needs nothing of the final
 * layer norm, so it is computed while its layer runs. The frozen scalars and the shares of the biases are put in at the end.
 */
import { add, mul, type Operand, sub } from "../../engine/graph/ops/arithmetic.js";
import { linear, matmul } from "../../engine/graph/ops/matmul.js";
import { sum } from "../../engine/graph/ops/reduce.js";
import { concat, reshape, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { Shape } from "../../engine/tensor/shape.js";
import { type FrozenScalars, project, projectionMatrix, termCount } from "../../models/clip/final-norm.js";
import type { Readout } from "../../models/clip/readout.js";
import type { Projection } from "../../models/clip/weights.js";

/** What each token wrote through all heads, projected before the final norm: one value [B,N,d_out] per layer. */
export function tokenWrites({ layers, postNorm, projection }: Readout): Value[] {
  return layers.map(({ attention, values, out }) => {
    const [batch, heads, tokens, width] = values.shape as [number, number, number, number];
    const weighted = reshape(transpose(mul(attention, values), [0, 2, 1, 3]), [batch, tokens, heads * width]);
    return project(mul(linear(weighted, out.weight), postNorm.gamma), projection);
  });
}

/** Contributions [B,L,N,d_out] of each source token (the class token first), from {@link tokenWrites} as collected. */
export function tokenContributions(writes: Value, scalars: FrozenScalars, read: Readout): Value {
  const [batch, layers, tokens] = writes.shape as [number, number, number];
  const constants = cellConstants(read, scalars, projectionMatrix(read.projection), 1);
  const ofLayers = reshape(constants, [batch, layers, 1, writes.shape[3]!]);
  return add(scaled(writes, scalars), mul(ofLayers, sharesOf(read, [1, tokens, 1])));
}

/**
 * Dot products of what (head, token) pairs wrote with texts [T,d_out], or [B,T,d_out] for texts of each picture's own: one
 * value [B,H,N,T] per layer. The contributions are never formed: each text is pulled back through the output projection
 * once, to d numbers per head.
 */
export function textWrites({ layers, postNorm, projection }: Readout, texts: Value): Value[] {
  const [sets, count] = asSets(texts).shape as [number, number];
  // Texts as directions of the residual stream, [1 or B,T,D].
  const directions = mul(project(asSets(texts), transposed(projection)), postNorm.gamma);
  return layers.map(({ attention, values, out }) => {
    const [, heads, , width] = values.shape as [number, number, number, number];
    const pulled = reshape(matmul(directions, out.weight), [sets, count, heads, width]);
    return mul(matmul(values, transpose(pulled, [0, 2, 3, 1])), attention);
  });
}

/** Dot products [B,L,H,N,T] of contributions with texts, from {@link textWrites} as collected. */
export function textMaps(writes: Value, scalars: FrozenScalars, read: Readout, texts: Value): Value {
  const [batch, layers, heads, tokens, count] = writes.shape as [number, number, number, number, number];
  // The texts from the residual stream's side, [1 or B,D,T].
  const pulled = transpose(project(asSets(texts), transposed(read.projection)), [0, 2, 1]);
  const constants = reshape(cellConstants(read, scalars, pulled, heads), [batch, layers, 1, 1, count]);
  return add(scaled(writes, scalars), mul(constants, sharesOf(read, [1, 1, tokens, 1])));
}

/** What each token gets of what is written by no token; `shape` has the tokens' axis among axes of 1. */
function sharesOf({ shares }: Readout, shape: Shape): Operand {
  const tokens = shape.reduce((a, b) => a * b);
  return shares === undefined ? 1 / tokens : reshape(shares, [shares.shape[0]!, ...shape]);
}

const transposed = (projection: Projection<Value>): Projection<Value> => ({
  ...projection,
  order: projection.order === "in-out" ? "out-in" : "in-out",
});

/** Texts for all pictures as one set of texts: [1 or B,T,d_out]. */
function asSets(texts: Value): Value {
  return texts.shape.length === 3 ? texts : reshape(texts, [1, ...texts.shape]);
}

function scaled(writes: Value, { scale }: FrozenScalars): Value {
  return mul(writes, reshape(scale, [scale.shape[0]!, ...writes.shape.slice(1).map(() => 1)]));
}

/**
 * What each of a layer's `cells` equal parts gets of output bias, final mean and final bias, along the columns of `map`
 * [D,K], or [1 or B,D,K] for a map of each picture's own: [B,L,K].
 */
function cellConstants(
  { layers, postNorm }: Readout,
  { scale, centre, norm }: FrozenScalars,
  map: Value,
  cells: number,
): Value {
  const [width, columns] = map.shape.slice(-2) as [number, number];
  const sets = map.shape.length === 3 ? map.shape[0]! : 1;
  const share = 1 / (termCount(layers.length) * cells);
  const row = (vector: Value): Value => reshape(vector, [1, width]);
  const gained = mul(map, reshape(postNorm.gamma, [width, 1]));
  const biases = concat(
    layers.map(({ out }) => row(out.bias)),
    0,
  );
  const perPicture = (scalar: Value): Value => reshape(scalar, [scalar.shape[0]!, 1, 1]);
  const ofBias = mul(mul(matmul(biases, gained), 1 / cells), perPicture(scale));
  const ofMean = mul(reshape(mul(sum(gained, [-2]), share), [sets, 1, columns]), perPicture(centre));
  const ofBeta = mul(reshape(mul(matmul(row(postNorm.beta), map), share), [sets, 1, columns]), perPicture(norm));
  return add(sub(ofBias, ofMean), ofBeta);
}
