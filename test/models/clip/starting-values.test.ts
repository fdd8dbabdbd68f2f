/** What a vision tower sees before its first step: patches in equal shares, places apart, and heads at their neighbours. */
import { beforeAll, describe, expect, test } from "vitest";
import { seeded } from "../../../src/engine/train/seeds.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { buildWithSites } from "../../../src/engine/graph/sites.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { floatTensor, type FloatTensor } from "../../../src/engine/tensor/tensor.js";
import type { Architecture } from "../../../src/models/clip/architectures.js";
import { visionTower } from "../../../src/models/clip/towers.js";
import { clipDeclarations, trainableWeights } from "../../../src/models/clip/trainable.js";

const ARCHITECTURE: Architecture = {
  vision: { layers: 4, width: 96, heads: 6, hidden: 64, imageSize: 40, patchSize: 8 },
  text: { layers: 1, width: 16, heads: 2, hidden: 16 },
  features: 12,
};
const GRID = 5;
const TOKENS = 1 + GRID ** 2;
const HEADS = 6;

const parameters = new Parameters(clipDeclarations(ARCHITECTURE, { vocabulary: 20, contextLength: 9 }), { seed: 3 });
const row = ({ data, shape }: FloatTensor, at: number): number[] => [
  ...data.subarray(at * shape.at(-1)!, (at + 1) * shape.at(-1)!),
];

describe("places", () => {
  const table = parameters.tensor("visual.positional_embedding");
  const distance = (a: number, b: number): number => {
    const other = row(table, b);
    return Math.hypot(...row(table, a).map((x, i) => x - other[i]!));
  };

  test("can be told apart, near ones alike, far ones not; the class token has none", () => {
    expect(row(table, 0).every((x) => x === 0)).toBe(true);
    for (let a = 1; a < TOKENS; a++) for (let b = 1; b < a; b++) expect(distance(a, b)).toBeGreaterThan(0.5);
    expect(distance(1, 2)).toBeLessThan(distance(1, 3));
    expect(distance(1, 1 + GRID)).toBeCloseTo(distance(1, 2), 5);
  });

  test("have dimensions of their own, which no filter writes to", () => {
    const filters = parameters.tensor("visual.conv1.weight");
    const size = 3 * 8 * 8;
    for (let dimension = 0; dimension < 96; dimension++) {
      const written = filters.data.subarray(dimension * size, (dimension + 1) * size).some((x) => x !== 0);
      const placed = Array.from({ length: TOKENS }, (_, token) => row(table, token)[dimension]!).some((x) => x !== 0);
      expect([written, placed], String(dimension)).toEqual(dimension < 80 ? [true, false] : [false, true]);
    }
  });
});

test("filters are orthogonal, and louder the weaker their wave is in pictures", () => {
  const { data } = parameters.tensor("visual.conv1.weight");
  const size = 3 * 8 * 8;
  const filter = (i: number): Float32Array => data.subarray(i * size, (i + 1) * size);
  const dot = (a: number, b: number): number => filter(a).reduce((sum, x, i) => sum + x * filter(b)[i]!, 0);
  for (let a = 0; a < 80; a++) for (let b = 0; b < a; b++) expect(Math.abs(dot(a, b))).toBeLessThan(1e-6);
  // The mean lightness spreads 12 times as far as the mean gain of 1 asks for, the first waves twice.
  expect(Math.sqrt(dot(0, 0))).toBeCloseTo(1 / 12, 5);
  expect(Math.sqrt(dot(3, 3))).toBeGreaterThan(5 * Math.sqrt(dot(0, 0)));
});

describe("attention", () => {
  let patterns: FloatTensor[];
  beforeAll(async () => {
    const pixels = input("pixels", [1, 3, 40, 40]);
    const weights = trainableWeights(parameters).vision;
    const { sites } = buildWithSites(() =>
      visionTower(pixels, weights, { activation: "gelu", epsilon: 1e-5, heads: HEADS }),
    );
    const values = Object.fromEntries([0, 1, 2].map((l) => [`l${l}`, sites.get(`visual.blocks.${l}.attn.pattern`)!]));
    await using program = await compile(values);
    const random = seeded(4, "pixels");
    const noise = floatTensor(
      Float32Array.from({ length: 4800 }, () => random.uniform() - 0.5),
      [1, 3, 40, 40],
    );
    const got = await program.run({ ...parameters.inputs(), pixels: noise });
    patterns = [0, 1, 2].map((l) => got[`l${l}`] as FloatTensor);
  });

  /** Where a head looks most, from the patch in the middle: columns and rows away. */
  function looksAt(layer: number, head: number): [number, number] {
    const middle = 1 + 2 * GRID + 2;
    const weights = row(patterns[layer]!, head * TOKENS + middle).slice(1);
    const at = weights.indexOf(Math.max(...weights));
    return [(at % GRID) - 2, Math.floor(at / GRID) - 2];
  }

  test.each([
    [0, [[1, 0], [-1, 0], [0, 1], [0, -1]]], // prettier-ignore
    [1, [[1, 1], [-1, 1], [1, -1], [-1, -1]]], // prettier-ignore
  ])("of layer %d starts with four heads at the neighbours", (layer, ways) => {
    expect([0, 1, 2, 3].map((head) => looksAt(layer, head))).toEqual(ways);
  });

  test("of the last layers starts without a favourite", () => {
    const weights = row(patterns[2]!, 1 + 2 * GRID + 2).slice(1);
    expect(Math.max(...weights)).toBeLessThan(0.3);
  });
});
