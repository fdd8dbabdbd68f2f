/** Small sums over rows of host tensors; anything large belongs in a graph. */
import { showShape } from "./shape.js";
import { type FloatTensor, floatTensor } from "./tensor.js";

/** Rows [n,D] divided by their Euclidean norms; a row of zeros stays. */
export function normaliseRows({ data, shape }: FloatTensor): FloatTensor {
  const width = shape.at(-1)!;
  const out = new Float32Array(data.length);
  for (let start = 0; start < data.length; start += width) {
    const row = data.subarray(start, start + width);
    const norm = Math.sqrt(dot(row, row));
    if (norm > 0) for (let i = 0; i < width; i++) out[start + i] = row[i]! / norm;
  }
  return floatTensor(out, shape);
}

/**
 * One unit direction per group, [G,D]: the normalised mean of the normalised rows of x [n,D] that are the group's. Groups lie
 * one after another; `sizes` are their numbers of rows.
 */
export function meanDirections(x: FloatTensor, sizes: readonly number[]): FloatTensor {
  const { data, shape } = normaliseRows(x);
  const width = shape[1]!;
  const sums = new Float32Array(sizes.length * width);
  let start = 0;
  for (const [group, size] of sizes.entries()) {
    const end = start + size * width;
    for (let i = start; i < end; i++) sums[group * width + (i % width)]! += data[i]!;
    start = end;
  }
  return normaliseRows(floatTensor(sums, [sizes.length, width]));
}

/**
 * Dot products […,T] of every last-axis row of x […,D] with texts [T,D], or of x [B,…,D] with each entry's own texts [B,T,D].
 * Throws RangeError when the sizes differ.
 */
export function dotRows(x: FloatTensor, texts: FloatTensor): FloatTensor {
  const width = x.shape.at(-1)!;
  const [count, textWidth] = texts.shape.slice(-2) as [number, number];
  const own = texts.shape.length === 3;
  if (textWidth !== width || texts.shape.length > 3 || (own && texts.shape[0] !== x.shape[0])) {
    throw new RangeError(`rows of ${showShape(x.shape)} have no dot products with those of ${showShape(texts.shape)}`);
  }
  const rows = x.data.length / width;
  const perSet = own ? rows / texts.shape[0]! : rows;
  const out = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    const left = x.data.subarray(row * width, (row + 1) * width);
    const first = Math.floor(row / perSet) * count;
    for (let t = 0; t < count; t++) {
      out[row * count + t] = dot(left, texts.data.subarray((first + t) * width, (first + t + 1) * width));
    }
  }
  return floatTensor(out, [...x.shape.slice(0, -1), count]);
}

/** Some rows of x [n,D], in the order named. */
export function pickRows({ data, shape }: FloatTensor, rows: readonly number[]): FloatTensor {
  const width = shape[1]!;
  const out = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) out.set(data.subarray(row * width, (row + 1) * width), i * width);
  return floatTensor(out, [rows.length, width]);
}

/** [n,…] of n tensors [1,…]. */
export function stackRows(parts: readonly FloatTensor[]): FloatTensor {
  const [{ data: first, shape }] = parts as [FloatTensor];
  const data = new Float32Array(parts.length * first.length);
  for (const [i, part] of parts.entries()) data.set(part.data, i * first.length);
  return floatTensor(data, [parts.length, ...shape.slice(1)]);
}

/** In float64. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
