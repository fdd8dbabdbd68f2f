/** Figures of maps beside masks: by hand, and average precision by brute force. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import {
  averagePrecision,
  scoreSegmentation,
  SegmentationScores,
} from "../../../src/methods/decompose/segmentation-metrics.js";

/** Every distinct score as a threshold, and all items counted anew for each. */
function bruteForce(scores: readonly number[], labels: readonly number[]): number {
  const positives = labels.filter((label) => label === 1).length;
  const thresholds = [...new Set(scores)].sort((a, b) => b - a);
  let [sum, recallBefore] = [0, 0];
  for (const threshold of thresholds) {
    const chosen = labels.filter((_, i) => scores[i]! >= threshold);
    const found = chosen.filter((label) => label === 1).length;
    sum += (found / positives - recallBefore) * (found / chosen.length);
    recallBefore = found / positives;
  }
  return sum;
}

describe("average precision", () => {
  test("of scikit-learn's own example", () => {
    expect(averagePrecision(Float32Array.of(0.1, 0.4, 0.35, 0.8), Uint8Array.of(0, 0, 1, 1))).toBeCloseTo(5 / 6, 12);
  });

  test.each([2, 3, 7, 1000])("equals brute force for scores of %d levels", (levels) => {
    const random = new Random(levels);
    for (let round = 0; round < 40; round++) {
      const count = 1 + random.below(60);
      const scores = Float32Array.from({ length: count }, () => (random.below(levels) - levels / 3) / levels);
      const labels = Uint8Array.from({ length: count }, () => random.below(2));
      labels[random.below(count)] = 1;
      expect(averagePrecision(scores, labels)).toBeCloseTo(bruteForce([...scores], [...labels]), 12);
    }
  });

  test("does not depend on the order, nor on which zero a zero is", () => {
    expect(averagePrecision(Float32Array.of(-0, 0), Uint8Array.of(1, 0))).toBe(0.5);
    expect(averagePrecision(Float32Array.of(0, -0), Uint8Array.of(1, 0))).toBe(0.5);
    expect(averagePrecision(Float32Array.of(-2, -1, 1), Uint8Array.of(0, 1, 1))).toBe(1);
  });

  test("is 0 where there is nothing to find", () => {
    expect(averagePrecision(Float32Array.of(0.3, 0.5), Uint8Array.of(0, 0))).toBe(0);
  });
});

const floats = (...values: number[]): Float32Array => Float32Array.from(values);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

describe("a picture's score", () => {
  const map = floats(1, 0.75, 0.25, 0, 0.5, 0);
  const found = bytes(1, 1, 0, 0, 1, 0);
  const mask = bytes(1, 0, 1, 0, 1, 0);

  test("counts pixels by what they are and what they were taken for", () => {
    expect(scoreSegmentation({ map, foreground: found }, mask)).toMatchObject({
      hits: 2,
      falseAlarms: 1,
      misses: 1,
      rejections: 2,
    });
  });

  test("has the average precision of both classes at once", () => {
    const scores = [...map].map((value) => 1 - value).concat(...map);
    const labels = [...mask].map((value) => 1 - value).concat(...mask);
    const { averagePrecision: got } = scoreSegmentation({ map, foreground: found }, mask);
    expect(got).toBeCloseTo(bruteForce(scores, labels), 12);
  });

  test("of a map of zeros is that of no knowledge, while a map of ones is wrong about the background", () => {
    const [zeros, ones] = [new Float32Array(6), new Float32Array(6).fill(1)];
    const few = bytes(1, 0, 0, 0, 0, 0);
    expect(scoreSegmentation({ map: zeros, foreground: bytes(0, 0, 0, 0, 0, 0) }, few).averagePrecision).toBe(0.5);
    const all = scoreSegmentation({ map: ones, foreground: bytes(1, 1, 1, 1, 1, 1) }, few);
    expect(all.averagePrecision).toBeCloseTo((1 / 6) * (1 / 6) + (5 / 6) * 0.5, 12);
  });

  test("of masks of another size is refused", () => {
    expect(() => scoreSegmentation({ map, foreground: found }, bytes(1, 0))).toThrow(RangeError);
  });
});

test("figures divide sums over pictures, not pictures", () => {
  const total = new SegmentationScores();
  expect(total.figures()).toMatchObject({ pictures: 0, pixelAccuracy: 0, meanIoU: 0, meanAveragePrecision: 0 });
  total.add({ hits: 10, falseAlarms: 2, misses: 3, rejections: 85, averagePrecision: 0.9 });
  total.add({ hits: 0, falseAlarms: 50, misses: 0, rejections: 50, averagePrecision: 0.4 });
  const { pictures, pixelAccuracy, foregroundIoU, backgroundIoU, meanIoU, meanAveragePrecision } = total.figures();
  expect(pictures).toBe(2);
  expect(pixelAccuracy).toBeCloseTo(145 / 200, 12);
  expect(foregroundIoU).toBeCloseTo(10 / 65, 12);
  expect(backgroundIoU).toBeCloseTo(135 / 190, 12);
  expect(meanIoU).toBeCloseTo((10 / 65 + 135 / 190) / 2, 12);
  expect(meanAveragePrecision).toBeCloseTo(0.65, 12);
});
