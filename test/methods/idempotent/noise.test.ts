/** Noise with the spectrum of the data. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { addNoise, drawNoise, gaussianNoise, measureSpectrum } from "../../../src/methods/idempotent/noise.js";

const SIDE = 6;
const SHAPE = [2, SIDE, SIDE];

describe("noise of a spectrum", () => {
  test("gives a picture back when all pictures are that one", () => {
    const one = gaussianNoise(new Random(1), 1, SHAPE);
    const twice = floatTensor(Float32Array.of(...one.data, ...one.data), [2, ...SHAPE]);
    const noise = drawNoise(new Random(2), 1, SHAPE, measureSpectrum(twice));
    noise.data.forEach((value, i) => {
      expect(value).toBeCloseTo(one.data[i]!, 2);
    });
  });

  test("has the data's mean, and by far less power where the data have none", () => {
    // Only the lowest frequency along x: pictures that differ by its amplitude.
    const random = new Random(3);
    const count = 200;
    const data = new Float32Array(count * 2 * SIDE * SIDE);
    for (let i = 0; i < count * 2; i++) {
      const amplitude = random.uniform() - 0.5;
      for (let k = 0; k < SIDE * SIDE; k++) {
        data[i * SIDE * SIDE + k] = 0.25 + amplitude * Math.cos((2 * Math.PI * (k % SIDE)) / SIDE);
      }
    }
    const spectrum = measureSpectrum(floatTensor(data, [count, ...SHAPE]));
    const noise = drawNoise(new Random(4), 500, SHAPE, spectrum);
    expect(noise.data.reduce((sum, value) => sum + value, 0) / noise.data.length).toBeCloseTo(0.25, 2);
    for (let i = 0; i < 20; i++) {
      const [first, below] = [noise.data[i * SIDE * SIDE]!, noise.data[i * SIDE * SIDE + SIDE]!];
      expect(below).toBeCloseTo(first, 4);
    }
  });

  test("is white without one", () => {
    const { data } = drawNoise(new Random(5), 200, SHAPE);
    const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
    const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    expect(Math.abs(mean)).toBeLessThan(0.03);
    expect(Math.abs(variance - 1)).toBeLessThan(0.04);
  });
});

test("noise that is added has a deviation of each picture's own, up to the most", () => {
  const clean = floatTensor(new Float32Array(50 * 400).fill(0.5), [50, 1, 20, 20]);
  const { data, shape } = addNoise(clean, new Random(6), 0.3);
  expect(shape).toEqual(clean.shape);
  const deviations = Array.from({ length: 50 }, (_, row) => {
    const own = Array.from(data.subarray(row * 400, (row + 1) * 400), (value) => value - 0.5);
    return Math.sqrt(own.reduce((sum, value) => sum + value * value, 0) / 400);
  }).sort((a, b) => a - b);
  // 400 numbers tell a deviation to within 4% or so.
  expect(deviations.at(-1)!).toBeLessThan(0.3 * 1.15);
  expect(deviations.at(-1)!).toBeGreaterThan(0.24);
  expect(deviations[0]!).toBeLessThan(0.05);
  expect(Math.abs(deviations[25]! - 0.15)).toBeLessThan(0.06);
});
