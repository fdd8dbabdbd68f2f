/** Normalisation of pictures by channel, built from other ops. */
import { sizeOf } from "../../tensor/shape.js";
import { shapeMismatch } from "../errors.js";
import type { Value } from "../value.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { normalised } from "./normalise.js";
import { mean } from "./reduce.js";
import { reshape } from "./shaping.js";
import { sqrt, square } from "./unary.js";

/**
 * Group norm of x [B,C,…]: each picture's channels in `groups` groups, normalised together, then gamma [C] and beta [C].
 * Source: Wu and He 2018, "Group Normalization", equations 1 to 7.
 */
export function groupNorm(x: Value, gamma: Value, beta: Value, groups: number, epsilon = 1e-5): Value {
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]];
  if (channels % groups !== 0) return shapeMismatch("groupNorm", [x], `channels to be a multiple of ${groups}`);
  const normed = normalised(reshape(x, [batch, groups, (channels / groups) * sizeOf(spatial)]), epsilon);
  return affine(reshape(normed, x.shape), gamma, beta);
}

export interface ChannelStatistics {
  /** [C] */
  readonly mean: Value;
  /** [C], biased. */
  readonly variance: Value;
}

/** Mean and variance of each channel of x [B,C,…] over the batch and all positions. */
export function channelStatistics(x: Value): ChannelStatistics {
  const axes = x.shape.flatMap((_, axis) => (axis === 1 ? [] : [axis]));
  const average = mean(x, axes, { keepDims: true });
  const variance = mean(square(sub(x, average)), axes);
  return { mean: reshape(average, variance.shape), variance };
}

/**
 * Batch norm of x [B,C,…] with gamma [C] and beta [C]: by the statistics of the batch itself (training), or by given ones.
 * Source: Ioffe and Szegedy 2015, "Batch Normalization", algorithms 1 and 2.
 */
export function batchNorm(
  x: Value,
  gamma: Value,
  beta: Value,
  { mean: average, variance }: ChannelStatistics = channelStatistics(x),
  epsilon = 1e-5,
): Value {
  const scale = div(gamma, sqrt(add(variance, epsilon)));
  return affine(x, scale, sub(beta, mul(average, scale)));
}

/** x·gamma + beta, channel by channel. */
function affine(x: Value, gamma: Value, beta: Value): Value {
  const column = (v: Value): Value => reshape(v, [v.shape[0]!, ...x.shape.slice(2).map(() => 1)]);
  return add(mul(x, column(gamma)), column(beta));
}
