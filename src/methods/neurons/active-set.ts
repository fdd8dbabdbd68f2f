/** Least squares on a growing set of atoms, in float64: from dot products alone, one atom after another. */

/** What an atom that joins has to do with the set: dot products. */
export interface Joining {
  /** With each atom of the set, in order. */
  readonly products: ArrayLike<number>;
  /** With itself. */
  readonly square: number;
  /** With the target. */
  readonly along: number;
}

export interface ActiveSet {
  /** The coefficients of all atoms once this one joined; undefined, and it does not join, where the others span it. */
  add(atom: Joining): Float64Array | undefined;
}

/** Signs are free. Keeps the Cholesky factor of the Gram matrix, which an atom adds a row to. */
export class LeastSquares implements ActiveSet {
  /** Row i has i + 1 numbers. */
  readonly #factor: Float64Array[] = [];
  /** The target's dot products, forward-substituted: they stay as atoms join. */
  readonly #forward: number[] = [];

  add({ products, square, along }: Joining): Float64Array | undefined {
    const size = this.#factor.length;
    const row = new Float64Array(size + 1);
    let left = square;
    let rest = along;
    for (let i = 0; i < size; i++) {
      const other = this.#factor[i]!;
      let value = products[i]!;
      for (let j = 0; j < i; j++) value -= other[j]! * row[j]!;
      row[i] = value / other[i]!;
      left -= row[i]! ** 2;
      rest -= row[i]! * this.#forward[i]!;
    }
    // Number.EPSILON is scikit-learn's bound; long atoms leave more of rounding.
    if (left <= Number.EPSILON * Math.max(1, square)) return undefined;
    row[size] = Math.sqrt(left);
    this.#factor.push(row);
    this.#forward.push(rest / row[size]);
    return this.#backward();
  }

  #backward(): Float64Array {
    const out = Float64Array.from(this.#forward);
    for (let i = out.length - 1; i >= 0; i--) {
      const row = this.#factor[i]!;
      out[i]! /= row[i]!;
      for (let j = 0; j < i; j++) out[j]! -= row[j]! * out[i]!;
    }
    return out;
  }
}

/** No coefficient is below 0: Lawson and Hanson's method (1974, chapter 23), started from the solution before. */
export class NonNegativeLeastSquares implements ActiveSet {
  /** Row i has i + 1 numbers. */
  readonly #gram: Float64Array[] = [];
  readonly #along: number[] = [];
  #solution = new Float64Array(0);

  add({ products, square, along }: Joining): Float64Array | undefined {
    const size = this.#gram.length;
    const used = support(this.#solution);
    this.#gram.push(Float64Array.from({ length: size + 1 }, (_, i) => (i < size ? products[i]! : square)));
    this.#along.push(along);
    const wider = Float64Array.of(...this.#solution, 0);
    if (this.#solve([...used, size]) === undefined) {
      this.#gram.pop();
      this.#along.pop();
      return undefined;
    }
    this.#solution = wider;
    this.#descend([...used, size]);
    return this.#solution;
  }

  /** From a feasible solution to the best one; `free` may be above 0. */
  #descend(free: number[]): void {
    for (;;) {
      const wanted = this.#solve(free);
      if (wanted === undefined) return;
      const solution = this.#solution;
      if (wanted.every((coefficient) => coefficient > 0)) {
        solution.fill(0);
        free.forEach((atom, i) => (solution[atom] = wanted[i]!));
        const next = this.#steepest(free);
        if (next === undefined) return;
        free = [...free, next];
        continue;
      }
      // As far towards what is wanted as no coefficient falls below 0; those that reach it are held there.
      const reaches = free.map((atom, i) => reachOf(solution[atom]!, wanted[i]!));
      const reach = Math.min(...reaches);
      free.forEach((atom, i) => {
        solution[atom] = reaches[i] === reach ? 0 : solution[atom]! + reach * (wanted[i]! - solution[atom]!);
      });
      free = free.filter((_, i) => reaches[i] !== reach);
    }
  }

  /** The atom held at 0 that the fit would gain most from; undefined where none would gain. */
  #steepest(free: readonly number[]): number | undefined {
    const held = this.#along.map((_, atom) => atom).filter((atom) => !free.includes(atom));
    let best: number | undefined;
    let most = 0;
    for (const atom of held) {
      let slope = this.#along[atom]!;
      let size = Math.abs(slope);
      for (const other of free) {
        const part = this.#product(atom, other) * this.#solution[other]!;
        slope -= part;
        size += Math.abs(part);
      }
      // What is smaller is what rounding leaves of a difference of such numbers.
      if (slope <= size * 1e-12 || slope <= most) continue;
      best = atom;
      most = slope;
    }
    return best;
  }

  #product(a: number, b: number): number {
    return a >= b ? this.#gram[a]![b]! : this.#gram[b]![a]!;
  }

  /** Coefficients on some atoms, of either sign; undefined where they span one another. */
  #solve(atoms: readonly number[]): Float64Array | undefined {
    const solver = new LeastSquares();
    let solution: Float64Array | undefined = new Float64Array(0);
    atoms.forEach((atom, i) => {
      const products = atoms.slice(0, i).map((other) => this.#product(atom, other));
      solution &&= solver.add({ products, square: this.#product(atom, atom), along: this.#along[atom]! });
    });
    return solution;
  }
}

/** Which part of the way from a coefficient to the wanted one stays above 0; more than all of it where that is above 0, too. */
function reachOf(from: number, to: number): number {
  if (to > 0) return Infinity;
  return from === to ? 0 : from / (from - to);
}

function support(solution: Float64Array): number[] {
  return [...solution.keys()].filter((i) => solution[i]! > 0);
}
