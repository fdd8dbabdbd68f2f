/** Products of small matrices, row-major, in float64; anything large belongs in a graph. */

/** a [n,k] times b [k,m]: [n,m]. */
export function times(a: Float64Array, b: Float64Array, n: number, k: number, m: number): Float64Array {
  const out = new Float64Array(n * m);
  const fours = k - (k % 4);
  for (let i = 0; i < n; i++) {
    const [row, end] = [i * m, (i + 1) * m];
    // Four rows of b at a time: what is added up is loaded and stored a fourth as often.
    for (let r = 0; r < fours; r += 4) {
      const at = i * k + r;
      const [w0, w1, w2, w3] = [a[at]!, a[at + 1]!, a[at + 2]!, a[at + 3]!];
      for (let to = row, from = r * m; to < end; to++, from++) {
        out[to]! += w0 * b[from]! + w1 * b[from + m]! + w2 * b[from + 2 * m]! + w3 * b[from + 3 * m]!;
      }
    }
    for (let r = fours; r < k; r++) {
      const weight = a[i * k + r]!;
      for (let to = row, from = r * m; to < end; to++, from++) out[to]! += weight * b[from]!;
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
  // Several sums: an addition would otherwise wait for the one before.
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const fours = n - (n % 4);
  for (let k = 0; k < fours; k += 4) {
    s0 += a[i + k]! * b[j + k]!;
    s1 += a[i + k + 1]! * b[j + k + 1]!;
    s2 += a[i + k + 2]! * b[j + k + 2]!;
    s3 += a[i + k + 3]! * b[j + k + 3]!;
  }
  for (let k = fours; k < n; k++) s0 += a[i + k]! * b[j + k]!;
  return s0 + s1 + (s2 + s3);
}
