/** Measures of sets of pictures, and damage, against what they must be. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { corrupt } from "../../../src/methods/idempotent/corrupt.js";
import { CORRUPTIONS } from "../../../src/methods/idempotent/corruptions.js";
import { classShares, coverage, frechetDistance } from "../../../src/methods/idempotent/measures.js";
import { gaussianNoise } from "../../../src/methods/idempotent/noise.js";
import { combineNoise, distances, interpolateNoise } from "../../../src/methods/idempotent/project.js";

const scaled = ({ data, shape }: FloatTensor, scale: number, shift: number): FloatTensor =>
  floatTensor(
    data.map((value) => scale * value + shift),
    shape,
  );

describe("Fréchet distance", () => {
  const rows = gaussianNoise(new Random(1), 400, [3]);

  test("of a set to itself is 0", () => {
    expect(frechetDistance(rows, rows)).toBeCloseTo(0, 6);
  });

  test("of a set to itself moved and scaled is that of Gaussians", () => {
    // tr(C + s²C - 2sC) = (1 - s)² tr C, and the means differ by a shift in each of 3 directions.
    const other = scaled(rows, 2, 5);
    const trace = [0, 1, 2].reduce((sum, column) => {
      const values = Array.from({ length: 400 }, (_, i) => rows.data[3 * i + column]!);
      const mean = values.reduce((a, b) => a + b, 0) / 400;
      return sum + values.reduce((a, b) => a + (b - mean) ** 2, 0) / 399;
    }, 0);
    const means = [0, 1, 2].reduce((sum, column) => {
      const mean = Array.from({ length: 400 }, (_, i) => rows.data[3 * i + column]!).reduce((a, b) => a + b, 0) / 400;
      return sum + (2 * mean + 5 - mean) ** 2;
    }, 0);
    expect(frechetDistance(rows, other)).toBeCloseTo(means + trace, 2);
  });
});

describe("coverage", () => {
  const real = gaussianNoise(new Random(1), 300, [2]);

  test("of other rows of the same kind is nearly whole, of a point it is little, of what is far away none", () => {
    expect(coverage(real, gaussianNoise(new Random(2), 300, [2]))).toBeGreaterThan(0.9);
    expect(coverage(real, scaled(real, 0, 0.1))).toBeLessThan(0.1);
    expect(coverage(real, scaled(real, 1, 100))).toBe(0);
  });

  test("counts reals whose nearest generated row is nearer than the k-th other real one", () => {
    const line = (...values: number[]): FloatTensor => floatTensor(Float32Array.from(values), [values.length, 1]);
    // The second nearest other of 0, 1, 3, 7 lies 3, 2, 3, 6 away; the generated one 2.5, 1.5, 0.5, 4.5.
    expect(coverage(line(0, 1, 3, 7), line(2.5), 2)).toBe(1);
    // The nearest other lies 1, 1, 2, 4 away.
    expect(coverage(line(0, 1, 3, 7), line(2.5), 1)).toBe(0.25);
  });
});

test("shares of classes, how many occur, and how sure a classifier is", () => {
  const probabilities = Float32Array.of(0.9, 0.1, 0, 0.6, 0.4, 0, 0.2, 0.8, 0);
  const { shares, covered, confidence } = classShares(floatTensor(probabilities, [3, 3]));
  expect(shares.map((share) => share.toFixed(3))).toEqual(["0.667", "0.333", "0.000"]);
  expect(covered).toBeCloseTo(2 / 3, 12);
  expect(confidence).toBeCloseTo((0.9 + 0.6 + 0.8) / 3, 6);
});

describe("damage", () => {
  const pictures = scaled(gaussianNoise(new Random(3), 4, [3, 32, 32]), 0.3, 0);

  test.each(CORRUPTIONS)("%s changes a copy, the same each time", (corruption) => {
    const before = pictures.data.slice();
    const [one, two] = [corrupt(pictures, corruption, new Random(1)), corrupt(pictures, corruption, new Random(1))];
    expect(pictures.data).toEqual(before);
    expect(one.data).toEqual(two.data);
    expect(distances(one, pictures).every((distance) => distance > 0.03)).toBe(true);
  });

  test("noise has a deviation of 0.15", () => {
    const mean = distances(corrupt(pictures, "noise", new Random(1)), pictures).reduce((a, b) => a + b, 0) / 4;
    expect(mean).toBeCloseTo(0.15, 2);
  });

  test("a hole is of 5 × 10 in all channels", () => {
    const { data } = corrupt(pictures, "mask", new Random(1));
    const changed = data.map((value, i) => Number(value !== pictures.data[i]));
    expect(changed.reduce((a, b) => a + b, 0)).toBe(4 * 3 * 50);
  });

  test("grey is the mean of the channels, in each", () => {
    const { data } = corrupt(pictures, "grey", new Random(1));
    const mean = (pictures.data[7]! + pictures.data[1024 + 7]! + pictures.data[2048 + 7]!) / 3;
    for (const channel of [0, 1, 2]) expect(data[1024 * channel + 7]).toBeCloseTo(mean, 6);
  });

  test("a blur keeps an even picture even; a sketch of it is white nowhere", () => {
    const even = floatTensor(new Float32Array(3 * 28 * 28).fill(0.25), [1, 3, 28, 28]);
    for (const value of corrupt(even, "blur", new Random(1)).data) expect(value).toBeCloseTo(0.25, 5);
    // g / blur(g) - 1 of an even picture.
    for (const value of corrupt(even, "sketch", new Random(1)).data) expect(value).toBeCloseTo(0, 5);
  });
});

describe("ways through noise", () => {
  const [a, b] = [gaussianNoise(new Random(1), 1, [1, 8, 8]), gaussianNoise(new Random(2), 1, [1, 8, 8])];
  const length = ({ data }: FloatTensor): number => Math.sqrt(data.reduce((sum, value) => sum + value * value, 0));

  test("are arcs: as long everywhere as their ends, in even steps", () => {
    const unit = (x: FloatTensor): FloatTensor => scaled(x, 1 / length(x), 0);
    const walk = interpolateNoise(unit(a), unit(b), 5);
    const steps = [0, 1, 2, 3, 4].map((k) => floatTensor(walk.data.slice(64 * k, 64 * (k + 1)), [1, 64]));
    for (const step of steps) expect(length(step)).toBeCloseTo(1, 5);
    const gaps = steps.slice(1).map((step, k) => distances(step, steps[k]!)[0]!);
    for (const gap of gaps) expect(gap).toBeCloseTo(gaps[0]!, 5);
    expect(distances(steps[0]!, unit(a))[0]).toBeCloseTo(0, 6);
    expect(distances(steps[4]!, unit(b))[0]).toBeCloseTo(0, 6);
  });

  test("sums have the length of the first", () => {
    expect(length(combineNoise(a, b, a))).toBeCloseTo(length(a), 4);
    expect(distances(combineNoise(a, b, b), a)[0]).toBeCloseTo(0, 5);
  });
});
