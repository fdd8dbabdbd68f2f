/** Small square matrices [n,n], row-major, in float64. */

/** Matrix times vector [n]. */
export function times(matrix: Float64Array, vector: Float64Array): Float64Array {
  const n = vector.length;
  return Float64Array.from({ length: n }, (_, i) => dotAt(matrix, i * n, vector, 0, n));
}

export function trace(matrix: Float64Array, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += matrix[i * n + i]!;
  return sum;
}

/** Dot product of `n` numbers of `a` from `i` on and of `b` from `j` on. */
export function dotAt(
  a: Float64Array | Float32Array,
  i: number,
  b: Float64Array | Float32Array,
  j: number,
  n: number,
): number {
  let sum = 0;
  for (let k = 0; k < n; k++) sum += a[i + k]! * b[j + k]!;
  return sum;
}
