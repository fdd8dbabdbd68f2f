/** Streaming statistics of neurons: against the effects of all pictures at once, their mean and their singular vectors. */
import { join } from "node:path";
import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { afterAll, describe, expect, test } from "vitest";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { mainDirection } from "../../../src/methods/neurons/main-direction.js";
import { NeuronEffects } from "../../../src/methods/neurons/second-order.js";
import { neuronStatistics, strongestOf } from "../../../src/methods/neurons/statistics.js";
import { StrongestPictures } from "../../../src/methods/neurons/strongest-pictures.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { randomPixels } from "../../support/clips.js";
import { GOLDEN } from "../../support/paths.js";

const PICTURES = 23;
const pixels = randomPixels(PICTURES, 64);

/** Whole pictures, in pieces of the given sizes. */
function stream(sizes: readonly number[], from = pixels): () => AsyncIterable<FloatTensor> {
  return async function* () {
    const one = from.data.length / from.shape[0]!;
    let start = 0;
    for (const size of sizes) {
      yield floatTensor(from.data.subarray(start * one, (start + size) * one), [size, ...from.shape.slice(1)]);
      start += size;
      await Promise.resolve();
    }
  };
}

const clip = await loadClip(join(GOLDEN, "clip-a"));
afterAll(() => clip.dispose());
const [neurons, width] = [256, 32];

// Layer 1 has 8 later heads and 12 strongest pictures; with 3 of them, the Gram matrix of the pictures is the smaller one.
describe.each([
  [1, 12],
  [2, 3],
  [0, 1],
])("of layer %d with the %d strongest pictures", (layer, top) => {
  test("are those of all effects at once", async () => {
    const effects = await NeuronEffects.of(clip, layer);
    const all = await effects.effects(pixels);
    const found = await neuronStatistics(effects, stream([8, 8, 7]), { top });
    expect(found.count).toBe(PICTURES);
    expect(found.top_pictures.shape).toEqual([neurons, top]);
    for (let neuron = 0; neuron < neurons; neuron += 5) {
      const rows = Array.from({ length: PICTURES }, (_, b) => {
        const start = (b * neurons + neuron) * width;
        return Array.from(all.data.subarray(start, start + width));
      });
      const mean = rows[0]!.map((_, d) => rows.reduce((sum, row) => sum + row[d]! / PICTURES, 0));
      const centred = rows.map((row) => row.map((x, d) => x - mean[d]!));
      const lengths = centred.map((row) => Math.hypot(...row));
      const order = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]!).slice(0, top);
      const own = (tensor: { data: ArrayLike<number> }, size: number): number[] =>
        Array.from({ length: size }, (_, i) => tensor.data[neuron * size + i]!);
      const scale = lengths[order[0]!]!;
      const close = (got: readonly number[], wanted: readonly number[], unit: number): void => {
        for (const [i, x] of got.entries()) expect(Math.abs(x - wanted[i]!) / unit).toBeLessThan(1e-4);
      };
      close(own(found.mean_effects, width), mean, Math.hypot(...mean));
      expect(own(found.top_pictures, top)).toEqual(order);
      close(
        own(found.top_lengths, top),
        order.map((b) => lengths[b]!),
        scale,
      );
      close(own(found.thresholds, 1), [lengths[order.at(-1)!]!], scale);
      expect(found.shares.data[neuron]).toBeCloseTo((top - 1) / PICTURES, 6);
      const squares = (list: readonly number[]): number => list.reduce((sum, x) => sum + x * x, 0);
      close(own(found.concentrations, 1), [squares(order.map((b) => lengths[b]!)) / squares(lengths)], 1);

      const svd = new SingularValueDecomposition(new Matrix(order.map((b) => centred[b]!)), { autoTranspose: true });
      const total = squares(svd.diagonal);
      close(own(found.explained, 1), [svd.diagonal[0]! ** 2 / total], 1);
      const first = svd.rightSingularVectors.getColumn(0);
      const along = order.map((b) => centred[b]!.reduce((sum, x, d) => sum + x * first[d]!, 0));
      const lead = along.filter((x) => x > 0).length - along.filter((x) => x < 0).length;
      const sign = Math.sign(lead === 0 ? along[0]! : lead);
      // A direction is as sure as the first singular value is apart from the second.
      const gap = 1 - (svd.diagonal[1] ?? 0) / svd.diagonal[0]!;
      close(
        own(found.directions, width),
        first.map((x) => sign * x),
        1 / gap,
      );
    }
  });
});

test("do not depend on how the pictures are cut into pieces", async () => {
  const effects = await NeuronEffects.of(clip, 1);
  const one = await neuronStatistics(effects, stream([PICTURES]), { top: 4 });
  const other = await neuronStatistics(effects, stream([1, 9, 13]), { top: 4, batch: 3 });
  expect(other.top_pictures.data).toEqual(one.top_pictures.data);
  other.thresholds.data.forEach((x, i) => {
    expect(Math.abs(x - one.thresholds.data[i]!)).toBeLessThan(1e-5 * one.thresholds.data[i]!);
  });
});

test("of equally strong pictures, the first ones are kept", () => {
  const strongest = new StrongestPictures(2, 3, 1);
  const lengths = [
    [1, 5],
    [2, 5],
    [1, 4],
    [1, 5],
    [3, 5],
    [1, 6],
  ];
  lengths.forEach((row, b) => {
    strongest.add(
      b,
      Float32Array.from(row),
      Float32Array.from(row, (x) => -x),
    );
  });
  const kept = [0, 1].map((neuron) => strongest.of(neuron));
  expect(kept.map(({ pictures }) => [...pictures])).toEqual([
    [4, 1, 0],
    [5, 0, 1],
  ]);
  expect(kept.map(({ coefficients }) => [...coefficients])).toEqual([
    [-3, -2, -1],
    [-6, -5, -5],
  ]);
});

test("a neuron without effects has no direction", () => {
  const silent = { pictures: Int32Array.of(0, 1), lengths: new Float64Array(2), coefficients: new Float32Array(6) };
  expect(mainDirection(silent, new Float32Array(9), 3)).toEqual({ weights: new Float64Array(3), explained: 0 });
});

test("the strongest are 2% of the pictures, 10 to 100 of them", () => {
  expect([3, 60, 1000, 5124, 100_000].map(strongestOf)).toEqual([3, 10, 20, 100, 100]);
});

test.each([
  [[1], {}, /too few pictures to tell what neurons do over a set: got 1/],
  [[5], { top: 6 }, /no such number of strongest pictures: got 6 of 5, expected a whole number from 1 to 5/],
  [[5], { top: 0 }, /got 0 of 5/],
])("pictures %j with options %j are refused", async (sizes, options, says) => {
  const effects = await NeuronEffects.of(clip, 2);
  await expect(neuronStatistics(effects, stream(sizes), options)).rejects.toThrow(says);
});

test("pictures that are others the second time are refused", async () => {
  const effects = await NeuronEffects.of(clip, 2);
  const counts = [4, 3];
  const shrinking = (): AsyncIterable<FloatTensor> => stream([counts.shift()!])();
  await expect(neuronStatistics(effects, shrinking)).rejects.toThrow(/changed .*: got 4, then 3/);
});
