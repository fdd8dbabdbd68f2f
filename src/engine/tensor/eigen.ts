/** Eigenvectors of small symmetric matrices, in float64. */
import { EigenvalueDecomposition, Matrix } from "ml-matrix";

export interface Eigen {
  /** The largest first. */
  readonly values: Float64Array;
  /** [n,n]: row k is the unit eigenvector of value k. */
  readonly vectors: Float64Array;
}

/** Of a symmetric matrix [n,n], row-major. Takes some 10·n³ operations: meant for hundreds of rows. */
export function eigenSymmetric(matrix: Float64Array, n: number): Eigen {
  const decomposition = new EigenvalueDecomposition(Matrix.from1DArray(n, n, matrix), { assumeSymmetric: true });
  const { realEigenvalues: values, eigenvectorMatrix: columns } = decomposition;
  const order = values.map((_, i) => i).sort((a, b) => values[b]! - values[a]!);
  const vectors = new Float64Array(n * n);
  for (const [row, column] of order.entries()) {
    for (let i = 0; i < n; i++) vectors[row * n + i] = columns.get(i, column);
  }
  return { values: Float64Array.from(order, (i) => values[i]!), vectors };
}
