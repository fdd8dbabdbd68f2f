/** Heat of patches, and maps made of it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { constant, mul } from "../../../src/graph.js";
import { dot, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { contrasts, contrastsWith } from "../../../src/methods/decompose/attribution.js";
import { decompose } from "../../../src/methods/decompose/decompose.js";
import { predictedHeat, segmentation, segmentationHeat } from "../../../src/methods/decompose/segmentation.js";
import type { VisionConfig } from "../../../src/models/clip/clip.js";
import { loadClip } from "../../../src/models/clip/load.js";
import {
  largestDifference,
  naiveWeights,
  randomPixels,
  readAll,
  SMALL_CLIPS,
  writeOpenClip,
} from "../../support/clips.js";
import { naiveDecomposition } from "../../support/naive-clip.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const small = SMALL_CLIPS["quick gelu, odd head width"]!;
const { layers, heads, imageSize } = small.architecture.vision;
const { features } = small.architecture;
const where = join(folder, "small");
mkdirSync(where);
await writeOpenClip(where, small, true);
const clip = await loadClip(where);
const pixels = randomPixels(3, imageSize);
const directions = normaliseRows(floatTensor(new Random(9).centred(4 * features, 1), [4, features]));
const rowOf = ({ data, shape }: FloatTensor, row: number): Float32Array =>
  data.subarray(row * shape.at(-1)!, (row + 1) * shape.at(-1)!);

describe("heat", async () => {
  const heat = await segmentationHeat(clip, pixels, directions);
  const { text_maps } = await decompose(clip, pixels, { texts: directions });

  test("is what patches contribute to each direction, by the formulas taken one by one", async () => {
    expect(heat.shape).toEqual([3, 4, 3, 3]);
    const weights = naiveWeights(await readAll(where));
    const size = 3 * imageSize ** 2;
    for (let picture = 0; picture < 3; picture++) {
      const one = pixels.data.subarray(picture * size, (picture + 1) * size);
      const { tokens } = naiveDecomposition(one, imageSize, weights, { heads, activation: small.activation });
      for (let text = 0; text < 4; text++) {
        const naive = Array.from({ length: 9 }, (_, patch) =>
          tokens.reduce((sum, layer) => sum + dot(Float32Array.from(layer[patch + 1]!), rowOf(directions, text)), 0),
        );
        const got = heat.data.subarray((picture * 4 + text) * 9, (picture * 4 + text + 1) * 9);
        expect(largestDifference(got, naive)).toBeLessThan(1e-5);
      }
    }
  });

  test("of chosen heads is the sum of theirs", async () => {
    const chosen = [
      { layer: 2, head: 1 },
      { layer: 0, head: 2 },
    ];
    const some = await segmentationHeat(clip, pixels, directions, { heads: chosen });
    const at = (b: number, l: number, h: number, n: number, t: number): number =>
      text_maps!.data[(((b * layers + l) * heads + h) * 10 + n) * 4 + t]!;
    const summed = Array.from({ length: 3 * 4 * 9 }, (_, i) => {
      const [b, t, patch] = [Math.floor(i / 36), Math.floor(i / 9) % 4, i % 9];
      return at(b, 2, 1, patch + 1, t) + at(b, 0, 2, patch + 1, t);
    });
    expect(largestDifference(some.data, summed)).toBeLessThan(1e-6);
  });

  test("for each picture's own directions is as for all", async () => {
    const picks = [2, 0, 3];
    const own = floatTensor(Float32Array.from(picks.flatMap((pick) => [...rowOf(directions, pick)])), [3, 1, features]);
    const alone = await segmentationHeat(clip, pixels, own, { batch: 2 });
    expect(alone.shape).toEqual([3, 1, 3, 3]);
    const wanted = picks.flatMap((pick, b) => [...heat.data.subarray((b * 4 + pick) * 9, (b * 4 + pick + 1) * 9)]);
    expect(largestDifference(alone.data, wanted)).toBeLessThan(1e-6);
  });

  test("for the predicted class is that of the nearest direction against the others", async () => {
    const { image_features } = await decompose(clip, pixels);
    const { classes, heat: predicted } = await predictedHeat(clip, pixels, directions);
    const all = await segmentationHeat(clip, pixels, contrasts(directions));
    classes.forEach((index, b) => {
      const cosines = [0, 1, 2, 3].map((t) => dot(rowOf(image_features, b), rowOf(directions, t)));
      expect(index).toBe(cosines.indexOf(Math.max(...cosines)));
      const wanted = all.data.subarray((b * 4 + index) * 9, (b * 4 + index + 1) * 9);
      expect(largestDifference(predicted.data.subarray(b * 9, (b + 1) * 9), wanted)).toBeLessThan(1e-6);
    });
  });

  test("follows edits that tokens account for, and refuses others", async () => {
    const silent = clip.edit({ "visual.blocks.*.attn.v": (v) => mul(v, constant(0)) });
    const { data } = await segmentationHeat(silent, pixels, directions);
    // Without values, what is left are the shares of constants: the same for all patches.
    for (let i = 0; i < data.length; i++) expect(data[i]).toBeCloseTo(data[i - (i % 9)]!, 6);
    const opaque = clip.edit({ "visual.blocks.1.attn.z": (z) => mul(z, constant(0)) });
    await expect(segmentationHeat(opaque, pixels, directions)).rejects.toMatchObject({ code: "unattributable-edit" });
  });

  test.each([
    { layer: 3, head: 0 },
    { layer: 0, head: 3 },
    { layer: -1, head: 0 },
    { layer: 0.5, head: 0 },
  ])("of a head that is not there, %j, is refused", async (head) => {
    await expect(segmentationHeat(clip, pixels, directions, { heads: [head] })).rejects.toThrow(
      /no such heads.*expected each once, from L0.H0 to L2.H2/,
    );
  });
});

test("texts against given others are less the others' mean", () => {
  const [texts, others] = [
    floatTensor(Float32Array.of(1, 2), [1, 2]),
    floatTensor(Float32Array.of(1, 0, 3, 4), [2, 2]),
  ];
  expect([...contrastsWith(texts, others).data]).toEqual([-1, 0]);
});

const seen = (grid: number, patchSize: number, imageSize = grid * patchSize): VisionConfig =>
  ({ grid, patchSize, imageSize }) as VisionConfig;

/** Of torch 1.13: interpolate (bilinear), clip at 0, scale to 0–1, compare with the mean. */
describe("maps are the reference's", () => {
  test("where some heat is negative", () => {
    const { map, foreground } = segmentation(Float32Array.of(1, -2, 3, 0.5), seen(2, 3));
    const expected = [
      [0.33333, 0.33333, 0, 0, 0, 0],
      [0.33333, 0.33333, 0, 0, 0, 0],
      [0.55556, 0.55556, 0.24074, 0, 0, 0],
      [0.77778, 0.77778, 0.48148, 0.18519, 0, 0],
      [1, 1, 0.72222, 0.44444, 0.16667, 0.16667],
      [1, 1, 0.72222, 0.44444, 0.16667, 0.16667],
    ];
    expect(largestDifference(map, expected.flat())).toBeLessThan(1e-5);
    expect([...foreground].join("")).toBe("110000110000110000111000111100111100");
  });

  test("where all heat is positive: the least of it is 0", () => {
    const { map, foreground } = segmentation(Float32Array.of(1, 2, 3, 5), seen(2, 2));
    const expected = [0, 0.0625, 0.1875, 0.25, 0.125, 0.20312, 0.35938, 0.4375];
    expect(largestDifference(map.subarray(0, 8), expected)).toBeLessThan(1e-5);
    expect([...foreground].join("")).toBe("0000000001111111");
  });

  test.each([[[-1, -2, -3, -4]], [[2, 2, 2, 2]], [[0, 0, 0, 0]], [[1, NaN, 2, 3]]])("of %j finds nothing", (heat) => {
    const { map, foreground } = segmentation(Float32Array.from(heat), seen(2, 2));
    expect([...map, ...foreground].every((value) => value === 0)).toBe(true);
  });
});

test("pixels that no whole patch covers take what is beside them", () => {
  const whole = segmentation(Float32Array.of(0, 1, 2, 4), seen(2, 3)).map;
  const { map } = segmentation(Float32Array.of(0, 1, 2, 4), seen(2, 3, 8));
  for (let y = 0; y < 8; y++)
    for (let x = 0; x < 8; x++) expect(map[y * 8 + x]).toBe(whole[Math.min(y, 5) * 6 + Math.min(x, 5)]);
});
