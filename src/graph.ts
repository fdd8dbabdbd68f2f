/** Operations on graph values, for edits, models and training: `vitrine/graph`. */
export { gradients } from "./engine/graph/gradients.js";
export { buildWithSites, type Edit, type Edits, type Selector } from "./engine/graph/sites.js";
export { scope, site } from "./engine/graph/scope.js";
export type { Value } from "./engine/graph/value.js";
export { add, div, maximum, minimum, mul, sub } from "./engine/graph/ops/arithmetic.js";
export { attention } from "./engine/graph/ops/attention.js";
export { batchNorm, channelStatistics, groupNorm } from "./engine/graph/ops/channel-norm.js";
export { equal, greaterOrEqual, less, scaleGradient, stopGradient, where } from "./engine/graph/ops/compare.js";
export { conv2d, conv3d, convTranspose } from "./engine/graph/ops/conv.js";
export { einsum } from "./engine/graph/ops/einsum.js";
export { gather, gatherLast, gatherPerRow, scatterAdd, sort, topK } from "./engine/graph/ops/indexing.js";
export { constant, input, weight } from "./engine/graph/ops/leaves.js";
export { crossEntropy, meanSquaredError } from "./engine/graph/ops/losses.js";
export { linear, matmul } from "./engine/graph/ops/matmul.js";
export { layerNorm, layerNormScale, logSoftmax, softmax } from "./engine/graph/ops/normalise.js";
export { cumulativeSum, logSumExp, max, mean, min, sum } from "./engine/graph/ops/reduce.js";
export { averagePool2d, maxPool2d, resizeBilinear, upsampleNearest } from "./engine/graph/ops/resample.js";
export { rmsNorm, rmsNormScale } from "./engine/graph/ops/rms-norm.js";
export { rotary } from "./engine/graph/ops/rotary.js";
export { concat, expand, pad, reshape, slice, transpose } from "./engine/graph/ops/shaping.js";
export {
  abs,
  clip,
  cos,
  erf,
  exp,
  gelu,
  geluTanh,
  hardSigmoid,
  leakyRelu,
  log,
  neg,
  quickGelu,
  relu,
  sigmoid,
  sign,
  silu,
  sin,
  softplus,
  sqrt,
  square,
  tanh,
} from "./engine/graph/ops/unary.js";
export { compile, type Program } from "./engine/runtime/compile.js";
