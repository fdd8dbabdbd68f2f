import { expect, test } from "vitest";
import { bootstrapIntervals } from "../../../src/engine/tensor/bootstrap.js";
import { Random } from "../../../src/engine/tensor/random.js";

const random = new Random(1);
const values = Float64Array.from({ length: 400 }, () => random.uniform() + random.uniform() + random.uniform());
const meanOf = (members: Int32Array): number =>
  members.reduce((sum, member) => sum + values[member]!, 0) / members.length;

test("of a mean, the interval is about that of the normal distribution", () => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
  const half = (1.96 * deviation) / Math.sqrt(values.length);
  const [interval] = bootstrapIntervals(values.length, (members) => [meanOf(members)], { seed: 2, resamples: 4000 });
  expect(Math.abs(interval!.low - (mean - half))).toBeLessThan(0.08 * half);
  expect(Math.abs(interval!.high - (mean + half))).toBeLessThan(0.08 * half);
});

test("numbers of one draw are of the same members, and the seed decides them", () => {
  const statistic = (members: Int32Array): number[] => [meanOf(members), 3 - meanOf(members), 7];
  const [a, b, c] = bootstrapIntervals(values.length, statistic, { seed: 3 });
  expect(b!.low).toBeCloseTo(3 - a!.high, 9);
  expect(b!.high).toBeCloseTo(3 - a!.low, 9);
  expect(c).toEqual({ low: 7, high: 7 });
  expect(bootstrapIntervals(values.length, statistic, { seed: 3 })[0]).toEqual(a);
  expect(bootstrapIntervals(values.length, statistic, { seed: 4 })[0]).not.toEqual(a);
});
