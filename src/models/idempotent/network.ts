/** The graph of an idempotent generator. */
import { batchNorm, type ChannelStatistics, channelStatistics } from "../../engine/graph/ops/channel-norm.js";
import { conv2d, convTranspose } from "../../engine/graph/ops/conv.js";
import { linear, matmul } from "../../engine/graph/ops/matmul.js";
import { reshape } from "../../engine/graph/ops/shaping.js";
import { leakyRelu, relu, tanh } from "../../engine/graph/ops/unary.js";
import { scope, site } from "../../engine/graph/scope.js";
import type { Value } from "../../engine/graph/value.js";
import { GRID, type IdempotentArchitecture, layersOf } from "./architecture.js";

/** Slope of the way down's activations below zero. */
const SLOPE = 0.2;
export const EPSILON = 1e-5;

/** The statistics that the batch norm at `path` uses for x [B,C,h,w]. */
export type Statistics = (path: string, x: Value) => ChannelStatistics;

/** Training mode: those of the batch itself, so that what becomes of a picture depends on the others. */
export const batchStatistics: Statistics = (_path, x) => channelStatistics(x);

export interface NetworkParts {
  readonly architecture: IdempotentArchitecture;
  /** A weight by its name in `weightShapes`. */
  readonly weight: (name: string) => Value;
  readonly statistics: Statistics;
}

/**
 * f(x) for pictures or noise x [B,C,S,S] in [-1, 1]: the same shape. Sites, each under the scope in force: `down.{i}.conv` and
 * `down.{i}.out` [B,C,h,w], `latent` [B,D], `grid` [B,C,4,4], `up.{i}.conv` and `up.{i}.out`, of which the last is the result.
 */
export function idempotentNetwork(x: Value, parts: NetworkParts): Value {
  return decode(encode(x, parts), parts);
}

/** From pictures [B,C,S,S] to latent vectors [B,D]. */
export function encode(x: Value, parts: NetworkParts): Value {
  const { down } = layersOf(parts.architecture);
  let y = x;
  for (const { path, norm, stride, padding } of down) {
    y = scope(path, () => {
      const bias = norm ? {} : { bias: parts.weight(`${path}.conv.bias`) };
      const maps = site("conv", conv2d(y, parts.weight(`${path}.conv.weight`), { stride, padding, ...bias }));
      return site("out", leakyRelu(norm ? normed(maps, path, parts) : maps, SLOPE));
    });
  }
  const kernel = parts.weight("latent.in.weight");
  const [width, channels] = kernel.shape as [number, number];
  // A kernel as large as its picture: a matrix product.
  const flat = reshape(y, [y.shape[0]!, channels * GRID * GRID]);
  return site("latent", linear(flat, reshape(kernel, [width, channels * GRID * GRID]), parts.weight("latent.in.bias")));
}

/** From latent vectors [B,D] to pictures [B,C,S,S]. */
export function decode(latent: Value, parts: NetworkParts): Value {
  const { up } = layersOf(parts.architecture);
  const kernel = parts.weight("latent.out.weight");
  const [width, channels] = kernel.shape as [number, number];
  const product = matmul(latent, reshape(kernel, [width, channels * GRID * GRID]));
  const grid = reshape(product, [latent.shape[0]!, channels, GRID, GRID]);
  let y = site("grid", relu(normed(grid, "latent.out", parts)));
  for (const { path, norm, stride, padding, side } of up) {
    y = scope(path, () => {
      const bias = norm ? {} : { bias: parts.weight(`${path}.conv.bias`) };
      const options = { stride, padding, spatial: [side, side], ...bias };
      const maps = site("conv", convTranspose(y, parts.weight(`${path}.conv.weight`), options));
      return site("out", norm ? relu(normed(maps, path, parts)) : tanh(maps));
    });
  }
  return y;
}

function normed(x: Value, path: string, { weight, statistics }: NetworkParts): Value {
  return batchNorm(x, weight(`${path}.norm.weight`), weight(`${path}.norm.bias`), statistics(path, x), EPSILON);
}
