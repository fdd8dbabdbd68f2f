/**
 * The update of matrices by the nearest orthogonal one.
 *
 * @file Jordan et al. 2024 ("Muon: an optimizer for hidden layers in neural networks"), with the scale and the decay of Liu
 * et al. 2025 (arXiv 2502.16982, section 2.2), with which AdamW's rates and decay serve. A gradient's few strong directions
 * would else drown the others, from which what is rare or fine is learnt.
 */
import { add, div, mul, sub } from "../graph/ops/arithmetic.js";
import { matmul } from "../graph/ops/matmul.js";
import { sum } from "../graph/ops/reduce.js";
import { reshape, transpose } from "../graph/ops/shaping.js";
import { sqrt, square } from "../graph/ops/unary.js";
import type { Value } from "../graph/value.js";
import { sizeOf } from "../tensor/shape.js";

/** Coefficients of Jordan et al.: after five rounds, singular values lie between about 0.7 and 1.2. */
const [LINEAR, CUBIC, QUINTIC] = [3.4445, -4.775, 2.0315];
const ROUNDS = 5;
/** A gradient of zeros stays zeros. */
const LEAST_NORM = 1e-7;
/** The root mean square of AdamW's typical update, in rates. */
const TYPICAL_UPDATE = 0.2;

interface MatrixElement {
  readonly parameter: Value;
  readonly gradient: Value;
  /** Running mean of gradients. */
  readonly moment1: Value;
}

/** Of one update. */
export type MuonScalar = "rate" | "decay" | "momentum" | "fresh";

export function muonScalars(rate: number, decay: number, momentum: number): Record<MuonScalar, number> {
  return { rate, decay: 1 - rate * decay, momentum, fresh: 1 - momentum };
}

/**
 * The new parameter [out, …] and the new mean of gradients. The parameter is `stacked` matrices of out / stacked rows: a linear layer
 * [out,in] is one, the projections to queries, keys and values in one [3·width,width] are three; kernels [out,in,h,w] have in·h·w columns.
 */
export function muonUpdate(
  { parameter, gradient, moment1 }: MatrixElement,
  { rate, decay, momentum, fresh }: Readonly<Record<MuonScalar, Value>>,
  stacked: number,
): { readonly parameter: Value; readonly moment1: Value } {
  const news = mul(gradient, fresh);
  const mean = add(mul(moment1, momentum), news);
  const ahead = add(mul(mean, momentum), news);
  const [out] = parameter.shape as [number, ...number[]];
  const [count, rows, columns] = [stacked, out / stacked, sizeOf(parameter.shape) / out];
  const direction = reshape(orthogonalised(reshape(ahead, [count, rows, columns])), parameter.shape);
  const scale = TYPICAL_UPDATE * Math.sqrt(Math.max(rows, columns));
  return { parameter: sub(mul(parameter, decay), mul(mul(direction, scale), rate)), moment1: mean };
}

/**
 * Nearly U Vᵀ for each matrix U S Vᵀ of x [count,rows,columns], by a Newton-Schulz iteration: only products of matrices. Singular values
 * below about 1e-3 of the Frobenius norm stay behind.
 */
export function orthogonalised(x: Value): Value {
  const [, rows, columns] = x.shape as [number, number, number];
  if (rows > columns) return transpose(orthogonalised(transpose(x, [0, 2, 1])), [0, 2, 1]);
  let y = div(x, add(sqrt(sum(square(x), [1, 2], { keepDims: true })), LEAST_NORM));
  for (let round = 0; round < ROUNDS; round++) {
    const gram = matmul(y, y, { transposeB: true });
    const polynomial = add(mul(gram, CUBIC), matmul(gram, gram, { scale: QUINTIC }));
    y = add(mul(y, LINEAR), matmul(polynomial, y));
  }
  return y;
}
