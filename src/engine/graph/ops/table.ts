/** The op table: every op a graph can hold. Tests that must cover each row iterate it. */
import type { AnyOp } from "../value.js";
import { addOp, divOp, geluOp, mulOp, quickGeluOp, sigmoidOp, sqrtOp, subOp } from "./elementwise.js";
import { gatherOp, gatherPerRowOp } from "./indexing.js";
import { constantOp, inputOp, weightOp } from "./leaves.js";
import { conv2dOp, linearOp, matmulOp } from "./linear.js";
import { layerNormOp, layerNormScaleOp, softmaxOp } from "./normalise.js";
import { meanOp, sumOp } from "./reduce.js";
import { concatOp, expandOp, reshapeOp, sliceOp, transposeOp } from "./shaping.js";

export const OPS: readonly AnyOp[] = [
  inputOp,
  constantOp,
  weightOp,
  addOp,
  subOp,
  mulOp,
  divOp,
  sqrtOp,
  sigmoidOp,
  geluOp,
  quickGeluOp,
  matmulOp,
  linearOp,
  conv2dOp,
  softmaxOp,
  layerNormOp,
  layerNormScaleOp,
  sumOp,
  meanOp,
  reshapeOp,
  transposeOp,
  concatOp,
  sliceOp,
  expandOp,
  gatherOp,
  gatherPerRowOp,
];
