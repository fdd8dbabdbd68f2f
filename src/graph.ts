/** Operations on graph values, for edits and models: `vitrine/graph`. */
export { buildWithSites, type Edit, type Edits, type Selector } from "./engine/graph/sites.js";
export { scope, site } from "./engine/graph/scope.js";
export type { Value } from "./engine/graph/value.js";
export { add, div, gelu, mul, quickGelu, sigmoid, sqrt, sub } from "./engine/graph/ops/elementwise.js";
export { gather, gatherPerRow } from "./engine/graph/ops/indexing.js";
export { constant, input, weight } from "./engine/graph/ops/leaves.js";
export { conv2d, linear, matmul } from "./engine/graph/ops/linear.js";
export { layerNorm, layerNormScale, softmax } from "./engine/graph/ops/normalise.js";
export { mean, sum } from "./engine/graph/ops/reduce.js";
export { concat, expand, reshape, slice, transpose } from "./engine/graph/ops/shaping.js";
export { compile, type Program } from "./engine/runtime/compile.js";
