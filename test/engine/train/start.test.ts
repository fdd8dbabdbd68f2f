/** What a run starts from and is fed: initial values, streams of random numbers, data order, schedules. */
import { describe, expect, test } from "vitest";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import * as initialise from "../../../src/engine/train/initialise.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { constantRate, warmupCosine, warmupLinear } from "../../../src/engine/train/schedules.js";
import { dataOrder, seeded } from "../../../src/engine/train/seeds.js";

function drawn(
  initialiser: initialise.Initialiser,
  shape: readonly number[] = [40_000],
  name = "p",
  seed = 1,
): Float32Array {
  return new Parameters([{ name, shape, initialise: initialiser }], { seed }).tensor(name).data;
}

function moments(data: Float32Array): { mean: number; deviation: number; largest: number } {
  const mean = data.reduce((a, b) => a + b, 0) / data.length;
  const deviation = Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / data.length);
  return { mean, deviation, largest: data.reduce((a, b) => Math.max(a, Math.abs(b)), 0) };
}

describe("initial values", () => {
  test("have the moments they promise", () => {
    const normal = moments(drawn(initialise.normal(0.5, 2)));
    expect(normal.mean).toBeCloseTo(2, 1);
    expect(normal.deviation).toBeCloseTo(0.5, 1);
    const truncated = moments(drawn(initialise.truncatedNormal(0.02)));
    expect(truncated.largest).toBeLessThanOrEqual(0.04001);
    expect(truncated.deviation).toBeCloseTo(0.02 * 0.8796, 3);
    const uniform = moments(drawn(initialise.uniform(-3, 3)));
    expect(uniform.largest).toBeLessThanOrEqual(3);
    expect(uniform.deviation).toBeCloseTo(Math.sqrt(3), 1);
    expect(moments(drawn(initialise.glorotUniform, [100, 50, 2, 2])).largest).toBeCloseTo(Math.sqrt(6 / 600), 3);
    expect([...drawn(initialise.filled(7), [2])]).toEqual([7, 7]);
    expect([...drawn(initialise.ones, [1]), ...drawn(initialise.zeros, [1])]).toEqual([1, 0]);
  });

  test("depend on seed and name, and on no other parameter", () => {
    const one = drawn(initialise.normal(1), [5], "a");
    expect(drawn(initialise.normal(1), [5], "a")).toEqual(one);
    expect(drawn(initialise.normal(1), [5], "b")).not.toEqual(one);
    expect(drawn(initialise.normal(1), [5], "a", 2)).not.toEqual(one);
    const names = ["first", "a"].map((name) => ({ name, shape: [5], initialise: initialise.normal(1) }));
    expect(new Parameters(names, { seed: 1 }).tensor("a").data).toEqual(one);
  });

  test("can be taken from a host tensor or a checkpoint's", () => {
    const data = Float32Array.of(1, 2, 3, 4);
    expect(drawn(initialise.from(floatTensor(data, [2, 2])), [2, 2])).toEqual(data);
    const stored = { name: "w", dtype: "F32", shape: [4], bytes: new Uint8Array(data.buffer) } as const;
    expect(drawn(initialise.from(stored), [4])).toEqual(data);
    expect(() => drawn(initialise.from(stored), [2, 2])).toThrow("another shape: w: got [4], expected [2,2]");
  });
});

describe("data order", () => {
  test("goes through all examples in every round, each time in another order", () => {
    const order = dataOrder({ count: 10, batchSize: 4, seed: 3 });
    const seen = Array.from({ length: 5 }, (_, step) => [...order(step)]).flat();
    const rounds = [seen.slice(0, 10), seen.slice(10)];
    for (const round of rounds) expect(round.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rounds[0]).not.toEqual(rounds[1]);
  });

  test("is a function of the step, asked in any order", () => {
    const forwards = dataOrder({ count: 7, batchSize: 3, seed: 3 });
    const backwards = dataOrder({ count: 7, batchSize: 3, seed: 3 });
    const steps = Array.from({ length: 12 }, (_, i) => i);
    const expected = steps.map((step) => forwards(step));
    for (const step of steps.toReversed()) expect(backwards(step)).toEqual(expected[step]);
    expect([...dataOrder({ count: 7, batchSize: 3, seed: 4 })(0)]).not.toEqual([...expected[0]!]);
  });

  test("batches may be larger than the data", () => {
    const batch = [...dataOrder({ count: 2, batchSize: 5, seed: 1 })(0)];
    expect(batch.filter((i) => i === 0).length).toBeGreaterThanOrEqual(2);
    expect(() => dataOrder({ count: 0, batchSize: 5, seed: 1 })).toThrow(RangeError);
  });
});

test("streams of different purposes are unlike", () => {
  const first = (...purpose: (string | number)[]): number => seeded(1, ...purpose).uniform();
  const purposes = [["a"], ["b"], ["a", 1], ["a", 2], ["a1"], [1]] as const;
  expect(new Set(purposes.map((purpose) => first(...purpose))).size).toBe(purposes.length);
  expect(first("a", 1)).toBe(first("a", 1));
});

describe("schedules", () => {
  test("warm up from a first part, fall, and stay", () => {
    const cosine = warmupCosine(1, 4, 12, 0.1);
    expect([0, 1, 3, 4].map(cosine)).toEqual([0.25, 0.5, 1, 1]);
    expect(cosine(8)).toBeCloseTo(0.55, 12);
    expect(cosine(12)).toBeCloseTo(0.1, 12);
    expect(cosine(1000)).toBeCloseTo(0.1, 12);
    const linear = warmupLinear(1, 0, 10);
    expect([0, 5, 10, 11].map(linear)).toEqual([1, 0.5, 0, 0]);
    expect(constantRate(3)(1e9)).toBe(3);
  });

  test("that do not fit are refused", () => {
    expect(() => warmupCosine(1, 10, 10)).toThrow("a warm-up of 10 steps does not fit into 10 steps");
  });
});
