/** Products of small matrices, row-major, in float64; anything large belongs in a graph. */

/** a [n,k] times b [k,m]: [n,m]. */
export function times(a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let r = 0; r < k; r++) {
      const weight = a[i * k + r]!;
      for (let j = 0, from = r * m, to = i * m; j < m; j++) out[to++]! += weight * b[from++]!;
    }
  }
  return out;
}

/** a [n,k] times bᵀ, b being [m,k]: [n,m]. */
export function timesTransposed(a: Float64Array, b: Float64Array, n: number, m: number, k: number): Float64Array {
  const out = new Float64Array(n * m);
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[i * m + j] = dotAt(a, i * k, b, j * k, k);
  return out;
}

/** Sum of the diagonal of a square matrix [n,n]. */
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
