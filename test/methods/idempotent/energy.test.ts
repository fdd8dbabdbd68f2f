/** The energy distance against its definition, and what makes it a distance of distributions. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { gradients } from "../../../src/engine/graph/gradients.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { energyDistance } from "../../../src/methods/idempotent/energy.js";
import { gaussianNoise } from "../../../src/methods/idempotent/noise.js";
import { plainEnergy } from "./plain-energy.js";

async function measured(a: FloatTensor, b: FloatTensor): Promise<{ value: number; slope: FloatTensor }> {
  const [x, y] = [input("a", a.shape), input("b", b.shape)];
  const value = energyDistance(x, y);
  const [slope] = gradients(value, [x]);
  await using program = await compile({ value, slope: slope! });
  const found = await program.run({ a, b });
  return { value: found.value.data[0]!, slope: found.slope as FloatTensor };
}

const moved = (x: FloatTensor, by: number): FloatTensor =>
  floatTensor(
    x.data.map((value) => value + by),
    x.shape,
  );

test("is what its definition says, and so is its slope, for any numbers of pictures of any size", async () => {
  const side = fc.integer({ min: 1, max: 4 });
  const rows = fc.integer({ min: 2, max: 6 });
  await fc.assert(
    fc.asyncProperty(rows, rows, side, fc.nat(), async (n, m, size, seed) => {
      const random = new Random(seed);
      const [a, b] = [gaussianNoise(random, n, [1, size, size]), gaussianNoise(random, m, [1, size, size])];
      const { value, slope } = await measured(a, b);
      const [first, second] = [Float64Array.from(a.data), Float64Array.from(b.data)];
      const at = (rowsOfA: Float64Array): number => plainEnergy(rowsOfA, second, size * size);
      expect(value).toBeCloseTo(at(first), 4);
      const step = 1e-6;
      for (let i = 0; i < first.length; i += 3) {
        const difference = at(first.with(i, first[i]! + step)) - at(first.with(i, first[i]! - step));
        expect(Math.abs(slope.data[i]! - difference / (2 * step))).toBeLessThan(1e-3);
      }
    }),
    { numRuns: 12 },
  );
});

test("is 0 on average for two samples of one distribution, and not for others", async () => {
  const draw = (purpose: string, i: number): FloatTensor => gaussianNoise(seeded(1, purpose, i), 8, [1, 2, 2]);
  const means = [0, 0, 0];
  const count = 200;
  const [x, y] = [input("a", [8, 1, 2, 2]), input("b", [8, 1, 2, 2])];
  await using program = await compile({ value: energyDistance(x, y) });
  for (let i = 0; i < count; i++) {
    const [a, b] = [draw("a", i), draw("b", i)];
    // One distribution; one that has moved; and one that has fallen together into its mean.
    for (const [k, other] of [b, moved(b, 1), floatTensor(new Float32Array(b.data.length), b.shape)].entries()) {
      means[k]! += (await program.run({ a, b: other })).value.data[0]! / count;
    }
  }
  // The deviation of one estimate is some 0.1.
  expect(Math.abs(means[0]!)).toBeLessThan(0.03);
  expect(means[1]!).toBeGreaterThan(0.3);
  expect(means[2]!).toBeGreaterThan(0.3);
});
