/** Sparse sums of texts: against dense least squares at every step, and against numbers of scikit-learn's algorithm. */
import { Matrix, solve } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { NonNegativeLeastSquares } from "../../../src/methods/neurons/active-set.js";
import { sparseText } from "../../../src/methods/neurons/sparse-text.js";
import { textDictionary } from "../../../src/methods/neurons/text-dictionary.js";

const random = (rows: number, width: number, seed: number): FloatTensor =>
  floatTensor(new Random(seed).centred(rows * width, 1), [rows, width]);

const rowsOf = ({ data, shape }: FloatTensor): number[][] =>
  Array.from({ length: shape[0]! }, (_, row) => Array.from(data.subarray(row * shape[1]!, (row + 1) * shape[1]!)));

const product = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** Picks by the largest |t·r| over all texts, and solves for all coefficients anew by SVD. */
function bruteForce(target: readonly number[], texts: readonly number[][], count: number): Map<number, number> {
  const picks: number[] = [];
  let residual = [...target];
  let coefficients: number[] = [];
  while (picks.length < count) {
    const scores = texts.map((text) => Math.abs(product(text, residual)));
    picks.push(scores.indexOf(Math.max(...scores)));
    const columns = new Matrix(picks.map((pick) => texts[pick]!)).transpose();
    coefficients = solve(columns, Matrix.columnVector([...target]), true).to1DArray();
    residual = target.map((x, i) => x - picks.reduce((sum, pick, k) => sum + coefficients[k]! * texts[pick]![i]!, 0));
  }
  return new Map(picks.map((pick, k) => [pick, coefficients[k]!]));
}

describe("orthogonal matching pursuit", () => {
  test("picks and weighs texts as dense least squares does at every step", async () => {
    // More texts than one tile of products, more directions than one run takes.
    const texts = textDictionary(random(2300, 24, 1));
    const targets = random(530, 24, 2);
    const found = await sparseText(targets, texts, { atoms: 6 });
    const rows = rowsOf(texts);
    for (const [i, target] of rowsOf(targets).entries()) {
      if (i % 53 > 0) continue;
      const expected = bruteForce(target, rows, 6);
      const { words } = found[i]!;
      expect(new Set(words.map(({ text }) => text))).toEqual(new Set(expected.keys()));
      for (const { text, coefficient } of words) expect(coefficient).toBeCloseTo(expected.get(text)!, 10);
      const sizes = words.map(({ coefficient }) => Math.abs(coefficient));
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }
  });

  test("gives the numbers of scikit-learn's algorithm", async () => {
    // Made once in NumPy, in float64, by a transcription of its `_gram_omp`; scikit-learn itself was not at hand.
    const lehmer = (count: number, seed: number): number[] => {
      let x = seed;
      return Array.from({ length: count }, () => (x = (x * 16807) % (2 ** 31 - 1)) / (2 ** 31 - 1) - 0.5);
    };
    const texts = Float32Array.from(lehmer(40 * 8, 1), (x, i) => x * (1 + (Math.floor(i / 8) % 5)));
    const targets = Float32Array.from(lehmer(3 * 8, 99));
    const found = await sparseText(floatTensor(targets, [3, 8]), floatTensor(texts, [40, 8]), { atoms: 5 });
    const expected: [number, number][][] = [
      [
        [4, 0.1594607153],
        [33, -0.0936096611],
        [3, -0.0642859454],
        [19, 0.036969164],
        [38, 0.0334498797],
      ],
      [
        [3, -0.2387602709],
        [33, 0.0968333607],
        [8, -0.0639878689],
        [38, -0.0518430094],
        [14, 0.017218942],
      ],
      [
        [8, -0.2510826224],
        [19, -0.2091208062],
        [9, -0.0954467178],
        [29, -0.0667487498],
        [18, -0.0245219109],
      ],
    ];
    for (const [i, words] of expected.entries()) {
      expect(found[i]!.words.map(({ text }) => text)).toEqual(words.map(([text]) => text));
      for (const [k, [, coefficient]] of words.entries())
        expect(found[i]!.words[k]!.coefficient).toBeCloseTo(coefficient, 9);
    }
  });

  test("prefers long atoms: a text far off the direction wins by its length", async () => {
    const texts = floatTensor(Float32Array.of(1, 0, 6, 8), [2, 2]);
    const [found] = await sparseText(floatTensor(Float32Array.of(1, 0), [1, 2]), texts, { atoms: 1 });
    expect(found!.words).toEqual([{ text: 1, coefficient: expect.closeTo(0.06, 12) as number }]);
    expect(found!.explained).toBeCloseTo(0.36, 12);
  });

  test("takes the first of texts that are alike, and never both", async () => {
    const [one, other] = [
      [1, 2, 3],
      [3, -1, 1],
    ];
    const texts = floatTensor(Float32Array.from([one, other, one, other, one, one].flat()), [6, 3]);
    const [found] = await sparseText(floatTensor(Float32Array.of(4, 1, 4), [1, 3]), texts, { atoms: 6 });
    expect(found!.words.map(({ text, coefficient }) => [text, coefficient])).toEqual([
      [0, expect.closeTo(1, 10)],
      [1, expect.closeTo(1, 10)],
    ]);
  });

  test("ends where nothing is left of a direction, and has no words for zeros", async () => {
    const texts = textDictionary(random(30, 4, 5));
    const targets = floatTensor(Float32Array.of(...random(1, 4, 6).data, 0, 0, 0, 0), [2, 4]);
    const [full, zeros] = await sparseText(targets, texts, { atoms: 9 });
    expect(full!.words).toHaveLength(4);
    expect(full!.explained).toBeCloseTo(1, 12);
    expect(zeros).toEqual({ words: [], explained: 0 });
  });
});

describe("with coefficients above 0 only", () => {
  test("each fit is the best that is not negative: its slopes say so", async () => {
    const texts = textDictionary(random(200, 12, 7));
    const targets = random(40, 12, 8);
    const found = await sparseText(targets, texts, { atoms: 8, nonNegative: true });
    const rows = rowsOf(texts);
    for (const [i, target] of rowsOf(targets).entries()) {
      const { words } = found[i]!;
      expect(words.every(({ coefficient }) => coefficient > 0)).toBe(true);
      const residual = target.map(
        (x, d) => x - words.reduce((sum, { text, coefficient }) => sum + coefficient * rows[text]![d]!, 0),
      );
      // At the optimum no used text points along what is left (Karush, Kuhn, Tucker).
      for (const { text } of words) expect(Math.abs(product(rows[text]!, residual))).toBeLessThan(1e-9);
    }
  });

  test("an atom that a later one makes useless is dropped", async () => {
    // The first pick lies between the target's two parts, but a little to the wrong side.
    const texts = floatTensor(Float32Array.of(3, 3, 1, 2, 0, 0, 0, 2, 0), [3, 3]);
    const target = floatTensor(Float32Array.of(1, 1, -0.125), [1, 3]);
    const [found] = await sparseText(target, texts, { atoms: 3, nonNegative: true });
    expect(found!.words).toEqual([
      { text: 1, coefficient: expect.closeTo(0.5, 10) as number },
      { text: 2, coefficient: expect.closeTo(0.5, 10) as number },
    ]);
  });

  test("of all sets of the atoms, the one used fits best", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const target = rowsOf(random(1, 6, seed))[0]!;
      const atoms = rowsOf(random(5, 6, 100 + seed));
      const active = new NonNegativeLeastSquares();
      let found: Float64Array | undefined;
      atoms.forEach((atom, i) => {
        const products = atoms.slice(0, i).map((other) => product(other, atom));
        found = active.add({ products, square: product(atom, atom), along: product(atom, target) });
      });
      const missed = (coefficients: readonly number[]): number =>
        Math.hypot(...target.map((x, d) => x - coefficients.reduce((sum, c, k) => sum + c * atoms[k]![d]!, 0)));
      let least = Math.hypot(...target);
      for (let set = 1; set < 2 ** 5; set++) {
        const used = [0, 1, 2, 3, 4].filter((k) => (set >> k) % 2 === 1);
        const columns = new Matrix(used.map((k) => atoms[k]!)).transpose();
        const fit = solve(columns, Matrix.columnVector(target), true).to1DArray();
        if (fit.every((c) => c >= 0)) least = Math.min(least, missed(atoms.map((_, k) => fit[used.indexOf(k)] ?? 0)));
      }
      expect(missed([...found!])).toBeCloseTo(least, 10);
      expect(Math.min(...found!)).toBeGreaterThanOrEqual(0);
    }
  });

  test("a direction against all texts has none", async () => {
    const texts = floatTensor(Float32Array.of(1, 0, 0, 1), [2, 2]);
    const [found] = await sparseText(floatTensor(Float32Array.of(-1, -2), [1, 2]), texts, {
      atoms: 2,
      nonNegative: true,
    });
    expect(found).toEqual({ words: [], explained: 0 });
  });
});

test.each([
  [
    random(2, 5, 1),
    random(9, 4, 1),
    2,
    /directions and texts of different widths: got directions \[2,5\], texts \[9,4\]/,
  ],
  [random(2, 4, 1), random(9, 4, 1), 10, /cannot give so many texts: got 10 of 9, expected a whole number from 1 to 9/],
  [random(2, 4, 1), random(9, 4, 1), 0, /cannot give so many texts: got 0 of 9/],
  [
    floatTensor(Float32Array.of(1, 2, NaN, 4), [2, 2]),
    random(9, 2, 1),
    1,
    /directions must be finite: got NaN in row 1/,
  ],
])("unusable input %# is refused", async (directions, texts, atoms, says) => {
  await expect(sparseText(directions, texts, { atoms })).rejects.toThrow(says);
});

describe("the dictionary", () => {
  test("is what tells unit texts apart, each column over its norm", () => {
    const features = random(7, 3, 9);
    const dictionary = textDictionary(features);
    const unit = rowsOf(features).map((row) => row.map((x) => (100 * x) / Math.hypot(...row)));
    const columns = [0, 1, 2].map((d) => unit.map((row) => row[d]! - unit.reduce((sum, r) => sum + r[d]! / 7, 0)));
    for (const [i, row] of rowsOf(dictionary).entries()) {
      for (const [d, x] of row.entries())
        expect(x).toBeCloseTo((100 * columns[d]![i]!) / Math.hypot(...columns[d]!), 3);
    }
  });

  test("has zeros in a column in which no text differs", () => {
    const dictionary = textDictionary(floatTensor(Float32Array.of(3, 4, 0, 4, 3, 0), [2, 3]));
    expect([...dictionary.data].map((x) => Math.round(x))).toEqual([-71, 71, 0, 71, -71, 0]);
  });

  test.each([
    [random(1, 4, 1), /what tells texts apart: got 1 text, expected features \[M,D\] of 2 texts or more/],
    [floatTensor(new Float32Array(0), [0, 4]), /got 0 texts/],
    [floatTensor(Float32Array.of(1, 2, 2, 4), [2, 2]), /got 2 texts that the model takes for one/],
  ])("of too few texts is refused (%#)", (features, says) => {
    expect(() => textDictionary(features)).toThrow(says);
  });
});
