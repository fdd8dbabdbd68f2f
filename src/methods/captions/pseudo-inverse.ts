import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";

/** (T Tᵀ + εI)⁻¹ T for rows T [K,D]: x times its transpose gives least-squares coefficients of x along the rows. ε only guards rows that are alike. */
export function pseudoInverse({ data, shape }: FloatTensor): FloatTensor {
  const [count, width] = shape as [number, number];
  const dot = (i: number, j: number): number => {
    let sum = 0;
    for (let d = 0; d < width; d++) sum += data[i * width + d]! * data[j * width + d]!;
    return sum;
  };
  // Gauss–Jordan on [G | T].
  const rows = Array.from({ length: count }, (_, i) => [
    ...Array.from({ length: count }, (_unused, j) => dot(i, j) * (i === j ? 1 + RIDGE : 1)),
    ...data.subarray(i * width, (i + 1) * width),
  ]);
  for (let column = 0; column < count; column++) {
    const pivot = rows.slice(column).reduce((best, row, i) => {
      return Math.abs(row[column]!) > Math.abs(rows[best]![column]!) ? column + i : best;
    }, column);
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    const lead = rows[column]![column]!;
    if (lead === 0) continue;
    rows[column] = rows[column]!.map((value) => value / lead);
    for (let other = 0; other < count; other++) {
      const factor = rows[other]![column]!;
      if (other !== column && factor !== 0)
        rows[other] = rows[other]!.map((value, i) => value - factor * rows[column]![i]!);
    }
  }
  return floatTensor(Float32Array.from(rows.flatMap((row) => row.slice(count))), [count, width]);
}

const RIDGE = 1e-9;
