/**
 * Rewrites of ONNX Runtime's "basic" level that are left out; what remains folds constants and removes what does nothing.
 * The first group changes the last bits of a result, and stops where a value inside the pattern is also an output: without
 * it the graph runs as built, and reading a site changes nothing. The second group only moves data, but numbers nodes
 * anew, and with that changes the order of execution that `lower` arranges.
 */
export const REWRITES_LEFT_OUT = [
  "MatMulAddFusion",
  "GemmSumFusion",
  "GemmTransposeFusion",
  "ConvAddFusion",
  "ConvMulFusion",
  "ConvBNFusion",
  "MatMul_BatchNormalization_Fusion",
  "DivMulFusion",
  "GeluFusionL1",
  "LayerNormFusionL1",
  "FuseReluClip",

  "ReshapeFusion",
  "TransposeOptimizer",
  "CommonSubexpressionElimination",
];
