/** A linear classifier in closed form: ridge regression on one-hot classes, from sums alone, in float64. */
import { CholeskyDecomposition, Matrix } from "ml-matrix";

/** Of the features' mean square: what is added to the diagonal. Enough to make features that repeat one another harmless. */
const RIDGE = 1e-4;

export class LinearProbe {
  /** [classes,width+1]: weights, then the offset. */
  readonly #weights: Float64Array;
  readonly #width: number;

  /**
   * Fits rows [n,width] to their classes, whole numbers from 0. Throws a RangeError when there are not as many classes as rows, or no rows.
   */
  constructor(rows: Float32Array, classes: readonly number[], width: number) {
    if (classes.length === 0 || rows.length !== classes.length * width) {
      throw new RangeError(`${classes.length} classes do not fit ${rows.length / width} rows`);
    }
    this.#width = width;
    const inputs = width + 1;
    const products = new Float64Array(inputs * inputs);
    const count = Math.max(...classes) + 1;
    const targets = new Float64Array(inputs * count);
    const input = new Float64Array(inputs).fill(1);
    for (const [row, target] of classes.entries()) {
      input.set(rows.subarray(row * width, (row + 1) * width));
      for (let i = 0; i < inputs; i++) {
        for (let j = 0; j <= i; j++) products[i * inputs + j]! += input[i]! * input[j]!;
        targets[i * count + target]! += input[i]!;
      }
    }
    let squares = 0;
    for (let i = 0; i < width; i++) squares += products[i * inputs + i]! / width;
    for (let i = 0; i < inputs; i++) {
      for (let j = 0; j < i; j++) products[j * inputs + i] = products[i * inputs + j]!;
      if (i < width) products[i * inputs + i]! += RIDGE * squares + Number.MIN_VALUE;
    }
    const solver = new CholeskyDecomposition(Matrix.from1DArray(inputs, inputs, products));
    const solved = solver.solve(Matrix.from1DArray(inputs, count, targets));
    this.#weights = Float64Array.from({ length: count * inputs }, (_, at) =>
      solved.get(at % inputs, Math.floor(at / inputs)),
    );
  }

  /** The likeliest class of each of the rows [n,width]. */
  predict(rows: Float32Array): number[] {
    const width = this.#width;
    const inputs = width + 1;
    const count = this.#weights.length / inputs;
    return Array.from({ length: rows.length / width }, (_, row) => {
      let [best, most] = [0, -Infinity];
      for (let c = 0; c < count; c++) {
        let score = this.#weights[c * inputs + width]!;
        for (let i = 0; i < width; i++) score += this.#weights[c * inputs + i]! * rows[row * width + i]!;
        if (score > most) [best, most] = [c, score];
      }
      return best;
    });
  }
}
