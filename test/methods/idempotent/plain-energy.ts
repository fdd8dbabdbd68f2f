/** The energy distance of rows of `size` numbers, in plain float64 loops. */
import { SOFTENING } from "../../../src/methods/idempotent/energy.js";

export function plainEnergy(a: Float64Array, b: Float64Array, size: number): number {
  const [n, m] = [a.length / size, b.length / size];
  const apart = (x: Float64Array, i: number, y: Float64Array, j: number): number => {
    let sum = 0;
    for (let k = 0; k < size; k++) sum += (x[i * size + k]! - y[j * size + k]!) ** 2;
    return Math.sqrt(sum / size + SOFTENING);
  };
  let across = 0;
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) across += apart(a, i, b, j) / (n * m);
  const within = (x: Float64Array, count: number): number => {
    let sum = 0;
    for (let i = 0; i < count; i++) for (let j = 0; j < count; j++) if (i !== j) sum += apart(x, i, x, j);
    return sum / (count * (count - 1));
  };
  return 2 * across - within(a, n) - within(b, m);
}
