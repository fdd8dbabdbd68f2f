/** Ablations by name, beside controls, and what they cost: by hand and on a trained model. */
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor } from "../../../src/engine/tensor/tensor.js";
import { ablationFigures, constantAccuracy } from "../../../src/methods/decompose/ablation-figures.js";
import { besideRandom, partPlans, sweepPlans } from "../../../src/methods/decompose/ablation-plans.js";
import { meanAblation } from "../../../src/methods/decompose/ablation.js";
import { completenessPlans } from "../../../src/methods/decompose/completeness-plans.js";
import { ablationOf } from "../../../src/methods/decompose/component-names.js";
import type { Ablation } from "../../../src/methods/decompose/components.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { groupAccuracies } from "../../../src/methods/decompose/group-accuracy.js";
import { placeAblation, PUBLISHED_PLACE_HEADS } from "../../../src/methods/decompose/published-heads.js";
import { headsOnScenes } from "../../../src/methods/decompose/scene-heads.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { allDescriptions, Random, renderScene, sampleScene } from "../../../src/worlds/scenes/index.js";

const clip = await loadClip("clip-scenes");
afterAll(() => clip.dispose());
const random = new Random(12);
const scenes = (count: number): FloatTensor =>
  clip.preprocess(Array.from({ length: count }, () => renderScene(sampleScene(random), 64)));
const draws = (count: number) => ({ draws: count, random: new Random(5) });
const headCount = ({ heads = [] }: Ablation): number => heads.length;

describe("names of components", () => {
  test.each<[string[], [heads: number, selves: number, mlps: number, start: boolean]]>([
    [["L3.H1"], [1, 0, 0, false]],
    [
      ["l3.h1", "L3.heads"],
      [6, 0, 0, false],
    ],
    [["L0-2"], [18, 0, 3, false]],
    [["L0-1.H5"], [2, 0, 0, false]],
    [
      ["heads", "mlps", "start"],
      [24, 0, 4, true],
    ],
    [
      ["cls", "L2.cls"],
      [0, 4, 0, false],
    ],
    [
      ["L1.mlp", "L2.cls", "L0.heads"],
      [6, 1, 1, false],
    ],
  ])("%j", (names, counts) => {
    const { heads, selves, mlps, start } = ablationOf(clip, "x", names);
    expect([heads!.length, selves!.length, mlps!.length, start]).toEqual(counts);
  });

  test.each<[string[], string]>([
    [["L4.H0"], "0 to 3"],
    [["L0.H6"], "L0.H6"],
    [["L2-1"], "L2-1"],
    [["layer"], "layer"],
    [["H3"], "H3"],
    [["L1.tail"], "L1.tail"],
    [["mlps", "mlps"], "mlps twice"],
    [[], "no such components"],
  ])("refuses %j", (names, message) => {
    const attempt = (): unknown => ablationOf(clip, "x", names);
    expect(attempt).toThrow(UsageError);
    expect(attempt).toThrow(message);
  });
});

describe("published heads", () => {
  test("are of heads that their towers have, each once", () => {
    const counts = Object.values(PUBLISHED_PLACE_HEADS).map(({ layers, heads, places }) => {
      expect(places.every(({ layer, head }) => layer < layers && head < heads)).toBe(true);
      expect(new Set(places.map(({ layer, head }) => `${layer}.${head}`)).size).toBe(places.length);
      return places.length;
    });
    expect(counts).toEqual([7, 15, 9]);
  });

  test("mean nothing for another model", () => {
    expect(() => placeAblation(clip, "b-16")).toThrow(/ViT-B-16 laion2b_s34b_b88k/);
  });
});

describe("controls", () => {
  test("are as many heads, of the same layers, with all else as it is", () => {
    const chosen = ablationOf(clip, "some", ["L3.H1", "L3.H2", "L1.H0", "mlps"]);
    const [method, control] = besideRandom(clip, chosen, draws(8));
    expect(method!.runs).toEqual([chosen]);
    expect(control!.runs.map(headCount)).toEqual(Array.from({ length: 8 }, () => 3));
    expect(new Set(control!.runs.flatMap(({ heads }) => heads!.map(({ layer }) => layer)))).toEqual(new Set([1, 3]));
    expect(control!.runs.every(({ mlps }) => mlps!.length === 4)).toBe(true);
    expect(new Set(control!.runs.map(({ heads }) => JSON.stringify(heads))).size).toBeGreaterThan(1);
    // Of whole layers there is nothing else to draw.
    expect(besideRandom(clip, ablationOf(clip, "all", ["L1.heads"]), draws(8))).toHaveLength(1);
  });

  test("stand beside every step of the sweep but the last", () => {
    const plans = sweepPlans(clip, draws(3));
    expect(plans.map(({ kind, runs }) => [kind, runs.length, headCount(runs[0]!)])).toEqual([
      ["method", 1, 6],
      ["control", 3, 6],
      ["method", 1, 12],
      ["control", 3, 12],
      ["method", 1, 18],
      ["control", 3, 18],
      ["method", 1, 24],
    ]);
    expect(partPlans(clip)).toHaveLength(3);
  });

  test("of texts are as many, drawn anew, and vectors that are no texts", async () => {
    const heads = await headsOnScenes(clip, { seed: 2, count: 60, layers: 1 });
    const pool = normaliseRows(await clip.encodeText(allDescriptions().slice(0, 80)));
    const classes = normaliseRows(await clip.encodeText(["a fish", "a bird"]));
    const options = { ...draws(2), counts: [1, 4] };
    const { plans, reconstructions } = await completenessPlans(clip, heads, pool, classes, options);
    expect(plans.map(({ kind, runs }) => [kind, runs.length])).toEqual([
      ["baseline", 1],
      ["baseline", 1],
      ...[1, 4].flatMap(() => [
        ["method", 1],
        ["control", 2],
        ["control", 2],
      ]),
    ]);
    expect(new Set(reconstructions.map(({ name }) => name)).size).toBe(10);
    const used = plans.flatMap(({ runs }) => runs.flatMap(({ reconstructed }) => reconstructed?.by ?? []));
    expect([...used].sort()).toEqual(reconstructions.map(({ name }) => name).sort());
    const many = { ...options, counts: Array.from({ length: 40_000 }, (_, i) => i + 1) };
    await expect(completenessPlans(clip, heads, pool, classes, many)).rejects.toThrow(/too many classes/);
  });
});

test("means may be those of other pictures", async () => {
  const [own, other] = [scenes(12), scenes(9)];
  const classes = normaliseRows(await clip.encodeText(allDescriptions().slice(0, 20)));
  async function* once(pixels: FloatTensor): AsyncGenerator<FloatTensor> {
    yield await Promise.resolve(pixels);
  }
  const runs = [{ name: "x", heads: ablationOf(clip, "x", ["L2-3.heads"]).heads! }];
  const { predicted, pictures } = await meanAblation(clip, () => once(own), classes, runs, {
    meansOver: () => once(other),
  });
  expect(pictures).toBe(12);
  // In float64: all parts of each picture, with the late heads' exchanged for their mean over the other pictures.
  const [width, late] = [128, 2 * 6];
  const sums = async (pixels: FloatTensor) => {
    const parts = await decompose(clip, pixels);
    const heads = (await expandHeads(clip, parts)).data;
    return Array.from({ length: pixels.shape[0]! }, (_, b) => {
      const [early, lateSum] = [new Float64Array(width), new Float64Array(width)];
      for (let i = 0; i < 24 * width; i++) {
        (i < (24 - late) * width ? early : lateSum)[i % width]! += heads[b * 24 * width + i]!;
      }
      for (let i = 0; i < 5 * width; i++) early[i % width]! += parts.mlp_contributions.data[b * 5 * width + i]!;
      return { rest: early, late: lateSum };
    });
  };
  const mean = new Float64Array(width);
  for (const { late: one } of await sums(other)) one.forEach((x, i) => (mean[i]! += x / 9));
  const wanted = (await sums(own)).map(({ rest }) => {
    const cosines = Array.from({ length: 20 }, (_, c) =>
      rest.reduce((sum, x, i) => sum + (x + mean[i]!) * classes.data[c * width + i]!, 0),
    );
    return cosines.indexOf(Math.max(...cosines));
  });
  expect([...predicted[0]![0]!]).toEqual(wanted);
});

describe("accuracy by groups", () => {
  const truth = { labels: [0, 0, 1, 1, 1, 1], groups: ["a", "a", "b", "b", "b", "b"] };
  const answers = [
    [0, 0, 1, 1, 1, 0],
    [0, 1, 1, 1, 1, 1],
  ];

  test("by hand", () => {
    const [first, second] = groupAccuracies(answers, truth, { seed: 1, resamples: 50 });
    expect([first!.average.value, first!.worst.value]).toEqual([5 / 6, 3 / 4]);
    expect([second!.average.value, second!.worst.value]).toEqual([5 / 6, 1 / 2]);
    expect([second!.gain.average.value, second!.gain.worst.value]).toEqual([0, -1 / 4]);
    expect(second!.groups.map(({ group, accuracy }) => [group, accuracy.share])).toEqual([
      ["a", 1 / 2],
      ["b", 1],
    ]);
    const [weighted] = groupAccuracies(answers, { ...truth, weights: { a: 3, b: 1 } }, { seed: 1, resamples: 50 });
    expect(weighted!.average.value).toBeCloseTo((3 + 3 / 4) / 4, 12);
    expect(() => groupAccuracies([[]], { labels: [] }, { seed: 1 })).toThrow(RangeError);
    expect(constantAccuracy(truth)).toBe(4 / 6);
  });

  test("intervals contain what is so about as often as they say", () => {
    const random0 = new Random(4);
    let contained = 0;
    for (let trial = 0; trial < 100; trial++) {
      const right = Array.from({ length: 200 }, () => Number(random0.uniform() < 0.7));
      const own = { labels: right.map(() => 1) };
      const { average } = groupAccuracies([right], own, { seed: trial, resamples: 200 })[0]!;
      if (average.low <= 0.7 && average.high >= 0.7) contained++;
    }
    expect(contained).toBeGreaterThan(85);
  });

  test("of a control with several draws, their mean and range", () => {
    const run = (name: string): Ablation => ({ name, heads: [{ layer: 0, head: 0 }] });
    const plans = [
      { name: "as it is", kind: "baseline", runs: [run("a")] },
      { name: "random", kind: "control", runs: [run("b"), run("c")] },
    ] as const;
    const [, control] = ablationFigures(plans, [answers[0]!, answers[1]!, [1, 1, 1, 1, 1, 1]], truth, 3);
    expect(control).toMatchObject({ draws: 2, heads: 1, accuracy: { value: 3 / 4 }, worst: { value: 1 / 4 } });
    expect(control!.accuracy.low).toBeCloseTo(4 / 6 + 0.025 / 6, 9);
    expect(control!.change.accuracy.value).toBeCloseTo(3 / 4 - 5 / 6, 12);
    expect(control!.groups).toBeUndefined();
  });
});
