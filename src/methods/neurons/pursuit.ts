/** One target's orthogonal matching pursuit. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { LeastSquares, NonNegativeLeastSquares } from "./active-set.js";
import type { Candidates } from "./text-search.js";

export interface Word {
  /** Row of the dictionary. */
  readonly text: number;
  readonly coefficient: number;
}

/** Of the product of lengths: how far dot products in float32 may be off. */
const ROUNDING = 1e-5;

export class Pursuit {
  /** What is left of the target, [D]. */
  readonly residual: Float64Array;
  readonly #target: Float64Array;
  readonly #dictionary: FloatTensor;
  readonly #longest: number;
  readonly #signed: boolean;
  readonly #active: LeastSquares | NonNegativeLeastSquares;
  readonly #picks: { readonly text: number; readonly vector: Float64Array }[] = [];
  #coefficients: Float64Array = new Float64Array(0);

  /** `longest`: the length of the longest atom. `signed`: no coefficient may be below 0. */
  constructor(target: ArrayLike<number>, dictionary: FloatTensor, longest: number, signed: boolean) {
    this.#target = Float64Array.from(target);
    this.residual = this.#target.slice();
    this.#dictionary = dictionary;
    this.#longest = longest;
    this.#signed = signed;
    this.#active = signed ? new NonNegativeLeastSquares() : new LeastSquares();
  }

  get size(): number {
    return this.#picks.length;
  }

  /** By the size of their coefficients. */
  words(): Word[] {
    return this.#picks
      .map(({ text }, i) => ({ text, coefficient: this.#coefficients[i]! }))
      .filter(({ coefficient }) => coefficient !== 0)
      .sort((a, b) => Math.abs(b.coefficient) - Math.abs(a.coefficient) || a.text - b.text);
  }

  /** Of the target's squared length, the share that the atoms make up; 0 for a target of zeros. */
  explained(): number {
    const whole = squaredLength(this.#target);
    return whole === 0 ? 0 : 1 - squaredLength(this.residual) / whole;
  }

  /**
   * Takes up the atom most along the residual. False, and nothing is taken up, where none is along it, or the atoms taken up before
   * span it.
   */
  step(candidates: Candidates): boolean {
    const { text, vector, correlation } = this.#best(candidates);
    if (correlation ** 2 < Number.EPSILON || this.#picks.some((pick) => pick.text === text)) return false;
    const coefficients = this.#active.add({
      products: this.#picks.map((pick) => dot(pick.vector, vector)),
      square: dot(vector, vector),
      along: dot(vector, this.#target),
    });
    if (coefficients === undefined) return false;
    this.#picks.push({ text, vector });
    this.#coefficients = coefficients;
    const { residual } = this;
    residual.set(this.#target);
    this.#picks.forEach((pick, i) => {
      subtract(residual, coefficients[i]!, pick.vector);
    });
    return true;
  }

  /** Those that rounding could have put in a wrong order are compared in float64; of equal ones the first counts. */
  #best({ atoms, values }: Candidates): { text: number; vector: Float64Array; correlation: number } {
    const largest = Math.max(...values);
    const slack = ROUNDING * this.#longest * Math.sqrt(squaredLength(this.residual));
    const close = atoms
      .filter((_, i) => values[i]! >= largest - slack)
      .map((text) => {
        const vector = this.#atom(text);
        const product = dot(vector, this.residual);
        return { text, vector, correlation: this.#signed ? Math.max(0, product) : Math.abs(product) };
      });
    return close.reduce((best, other) => {
      const lead = other.correlation - best.correlation;
      return lead > 0 || (lead === 0 && other.text < best.text) ? other : best;
    });
  }

  #atom(index: number): Float64Array {
    const width = this.residual.length;
    return Float64Array.from(this.#dictionary.data.subarray(index * width, (index + 1) * width));
  }
}

function subtract(from: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < from.length; i++) from[i]! -= factor * vector[i]!;
}

function squaredLength(x: Float64Array): number {
  return dot(x, x);
}

/** In four sums: one addition need not wait for the one before. */
function dot(a: Float64Array, b: Float64Array): number {
  const even = a.length - (a.length % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < even; i += 4) {
    s0 += a[i]! * b[i]!;
    s1 += a[i + 1]! * b[i + 1]!;
    s2 += a[i + 2]! * b[i + 2]!;
    s3 += a[i + 3]! * b[i + 3]!;
  }
  for (let i = even; i < a.length; i++) s0 += a[i]! * b[i]!;
  return s0 + s1 + (s2 + s3);
}
