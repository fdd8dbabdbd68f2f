/**
 * The op table: every op a graph can hold. Tests that must cover each row iterate it.
 *
 * @file Gradient rules build values with the functions of other rows (the sum of an expansion, the expansion of a sum), so the
 * files of this folder import one another in circles. They do so only inside rules, which run when all are loaded.
 */
import type { AnyOp } from "../value.js";
import * as arithmetic from "./arithmetic.js";
import { attentionOp } from "./attention.js";
import * as compare from "./compare.js";
import { convWeightGradientOp } from "./conv-weight-gradient.js";
import { convOp, convTransposeOp } from "./conv.js";
import * as indexing from "./indexing.js";
import { constantOp, inputOp, weightOp } from "./leaves.js";
import { linearOp, matmulOp } from "./matmul.js";
import { layerNormOp, layerNormScaleOp, logSoftmaxOp, softmaxOp } from "./normalise.js";
import { quantisedLinearOp } from "./quantised-linear.js";
import { cumulativeSumOp, maxOp, meanOp, minOp, sumOp } from "./reduce.js";
import { averagePoolOp, maxPoolOp, maxPoolPlacesOp, upsampleNearestOp } from "./resample.js";
import { rmsNormOp, rmsNormScaleOp } from "./rms-norm.js";
import { rotaryOp } from "./rotary.js";
import { concatOp, expandOp, padOp, reshapeOp, sliceOp, transposeOp } from "./shaping.js";
import * as unary from "./unary.js";

export const OPS: readonly AnyOp[] = [
  inputOp,
  constantOp,
  weightOp,
  arithmetic.addOp,
  arithmetic.subOp,
  arithmetic.mulOp,
  arithmetic.divOp,
  arithmetic.maximumOp,
  arithmetic.minimumOp,
  compare.greaterOrEqualOp,
  compare.lessOp,
  compare.equalOp,
  compare.whereOp,
  compare.stopGradientOp,
  compare.scaleGradientOp,
  unary.sqrtOp,
  unary.expOp,
  unary.logOp,
  unary.sinOp,
  unary.cosOp,
  unary.absOp,
  unary.signOp,
  unary.erfOp,
  unary.tanhOp,
  unary.sigmoidOp,
  unary.hardSigmoidOp,
  unary.softplusOp,
  unary.reluOp,
  unary.leakyReluOp,
  unary.geluOp,
  unary.geluTanhOp,
  unary.swishOp,
  unary.clipOp,
  matmulOp,
  linearOp,
  quantisedLinearOp,
  rotaryOp,
  convOp,
  convTransposeOp,
  convWeightGradientOp,
  attentionOp,
  softmaxOp,
  logSoftmaxOp,
  layerNormOp,
  layerNormScaleOp,
  rmsNormOp,
  rmsNormScaleOp,
  sumOp,
  meanOp,
  maxOp,
  minOp,
  cumulativeSumOp,
  reshapeOp,
  transposeOp,
  concatOp,
  sliceOp,
  padOp,
  expandOp,
  indexing.gatherOp,
  indexing.scatterAddOp,
  indexing.gatherPerRowOp,
  indexing.scatterPerRowOp,
  indexing.gatherLastOp,
  indexing.scatterAddLastOp,
  indexing.topKOp,
  indexing.topKIndicesOp,
  maxPoolOp,
  maxPoolPlacesOp,
  averagePoolOp,
  upsampleNearestOp,
];
