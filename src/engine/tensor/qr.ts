/** Orthonormal bases of the rows of small matrices, in float64. */
import { Matrix, QrDecomposition } from "ml-matrix";

export interface RowFactors {
  /** [n,n], lower triangular. */
  readonly factor: Float64Array;
  /** [n,D], orthonormal rows. */
  readonly basis: Float64Array;
}

/** The rows [n,D], n at most D, as `factor` · `basis`. Rows times the factor have the inner products of rows times the matrix. */
export function rowFactors(matrix: ArrayLike<number>, n: number): RowFactors {
  const width = matrix.length / n;
  const columns = new Matrix(width, n);
  for (let i = 0; i < n; i++) for (let j = 0; j < width; j++) columns.set(j, i, matrix[i * width + j]!);
  const { upperTriangularMatrix: upper, orthogonalMatrix: basis } = new QrDecomposition(columns);
  return {
    factor: Float64Array.from({ length: n * n }, (_, at) => upper.get(at % n, Math.floor(at / n))),
    basis: Float64Array.from({ length: n * width }, (_, at) => basis.get(at % width, Math.floor(at / width))),
  };
}
