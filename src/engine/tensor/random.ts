/**
 * Seeded random numbers.
 *
 * @file xoshiro128** (Blackman, Vigna 2018), seeded by splitmix32: the same numbers on every machine, and fast enough to
 * fill hundreds of millions of weights.
 */

/** A stream of uniform 32-bit numbers that `seed` determines. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: number) {
    let state = seed | 0;
    const next = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let x = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
      x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
      return x ^ (x >>> 15);
    };
    this.#a = next();
    this.#b = next();
    this.#c = next();
    this.#d = next();
  }

  /** From 0 (included) to 1 (excluded), in steps of 2⁻³². */
  uniform(): number {
    const product = Math.imul(this.#b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return (result >>> 0) / 2 ** 32;
  }

  /** `count` numbers, uniform with mean 0 and the given standard deviation. */
  centred(count: number, deviation: number): Float32Array {
    const width = deviation * Math.sqrt(12);
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = (this.uniform() - 0.5) * width;
    return out;
  }

  /** A whole number from 0 to `bound` - 1. */
  below(bound: number): number {
    return Math.floor(this.uniform() * bound);
  }

  /** The same items in a random order (Fisher–Yates). */
  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}
