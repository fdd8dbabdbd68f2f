/** First and second moments of rows, in float64: all that many statistics need, however many rows there are. */
import type { FloatTensor } from "./tensor.js";

export class Moments {
  readonly width: number;
  /** [D]. */
  readonly sum: Float64Array;
  /** Sum of outer products [D,D]. */
  readonly products: Float64Array;
  #count = 0;

  constructor(width: number) {
    this.width = width;
    this.sum = new Float64Array(width);
    this.products = new Float64Array(width * width);
  }

  static of(rows: FloatTensor): Moments {
    const moments = new Moments(rows.shape.at(-1)!);
    moments.add(rows.data);
    return moments;
  }

  get count(): number {
    return this.#count;
  }

  /** Rows [n,D], one after another. */
  add(rows: Float32Array | Float64Array): void {
    const { width, sum, products } = this;
    for (let start = 0; start < rows.length; start += width) {
      for (let i = 0; i < width; i++) {
        const value = rows[start + i]!;
        if (value === 0) continue;
        sum[i]! += value;
        const at = i * width;
        for (let j = 0; j <= i; j++) products[at + j]! += value * rows[start + j]!;
      }
      this.#count++;
    }
    for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) products[j * width + i] = products[i * width + j]!;
  }

  /** [D]; zeros without rows. */
  mean(): Float64Array {
    return this.sum.map((value) => (this.#count === 0 ? 0 : value / this.#count));
  }

  /** Sum of outer products of the rows less their mean [D,D]. */
  centredProducts(): Float64Array {
    const { width, sum, products } = this;
    const out = products.slice();
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) out[i * width + j]! -= (sum[i]! * sum[j]!) / Math.max(1, this.#count);
    }
    return out;
  }
}
