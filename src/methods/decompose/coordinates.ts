/**
 * Head coordinates: what is stored of a picture, and the contributions that follow from it.
 *
 * @file A head's contribution to the representation is linear in its attention output `z` (d numbers) at the token that is read, once
 * the final layer norm is frozen. So `z`, scaled, and three scalars per picture hold all head contributions without loss,
 * in d instead of d_out numbers per head.
 */
import { add, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { matmul } from "../../engine/graph/ops/matmul.js";
import { concat, reshape, slice, transpose } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { contribute, type FrozenScalars, project, termCount, unpackScalars } from "../../models/clip/final-norm.js";
import type { Readout } from "../../models/clip/readout.js";

/** z/(σ n) of what is read, for every head, [B,L,H,d], from z as collected. */
export function headCoordinates(z: Value, { scale }: FrozenScalars): Value {
  return mul(z, reshape(scale, [scale.shape[0]!, 1, 1, 1]));
}

/** Contributions [B,L+1,d_out] of what is there at the start (first) and of each MLP, from the MLPs' writes [B,L,1,D]. */
export function mlpContributions(writes: Value, scalars: FrozenScalars, read: Readout): Value {
  const [batch, layers, , width] = writes.shape as [number, number, number, number];
  const terms = concat([read.start, reshape(writes, [batch, layers, width])], 1);
  return contribute(terms, 1 / termCount(layers), scalars, read);
}

/** Contributions [B,K,H,d_out] of every head of the layers `which`, from stored coordinates [B,K,H,d] and scalars [B,3]. */
export function headContributions(
  coordinates: Value,
  packed: Value,
  read: Readout,
  which: readonly number[] = [...read.layers.keys()],
): Value {
  const [batch, , heads, width] = coordinates.shape as [number, number, number, number];
  const { gamma, beta } = read.postNorm;
  const { scale, centre, norm } = unpackScalars(packed);
  const share = 1 / (termCount(read.layers.length) * heads);
  const perPicture = (scalar: Value): Value => reshape(scalar, [batch, 1, 1]);

  const perLayer = which.map((layer, at) => {
    const { weight, bias } = read.layers[layer]!.out;
    const own = reshape(slice(coordinates, 1, at, at + 1), [batch, heads, 1, width]);
    // [D, H·d] to [H, D, d]: each head's columns of the output projection.
    const perHead = transpose(reshape(weight, [weight.shape[0]!, heads, width]), [1, 0, 2]);
    const written = reshape(matmul(own, perHead, { transposeB: true }), [batch, heads, weight.shape[0]!]);
    const constants = sub(mul(mul(bias, 1 / heads), perPicture(scale)), mul(perPicture(centre), share));
    const normed = add(mul(add(written, constants), gamma), mul(mul(beta, share), perPicture(norm)));
    const contribution = project(normed, read.projection);
    return reshape(contribution, [batch, 1, heads, contribution.shape[2]!]);
  });
  return concat(perLayer, 1);
}
