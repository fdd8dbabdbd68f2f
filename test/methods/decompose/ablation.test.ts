/** Mean ablation against plain sums over all contributions, in float64. */
import { afterAll, describe, expect, test } from "vitest";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { cumulativeSweep, paperAblations, randomHeads } from "../../../src/methods/decompose/ablation-runs.js";
import { meanAblation } from "../../../src/methods/decompose/ablation.js";
import { spanReconstructions } from "../../../src/methods/decompose/completeness.js";
import { type Ablation, ComponentLayout, componentLogits } from "../../../src/methods/decompose/components.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { headsOnScenes } from "../../../src/methods/decompose/scene-heads.js";
import { headSpans } from "../../../src/methods/decompose/head-spans.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { allDescriptions, Random, renderScene, sampleScene } from "../../../src/worlds/scenes/index.js";

const clip = await loadClip("clip-scenes");
afterAll(() => clip.dispose());
const random = new Random(21);
const COUNT = 24;
const pixels = clip.preprocess(Array.from({ length: COUNT }, () => renderScene(sampleScene(random), 64)));
const classes = normaliseRows(await clip.encodeText(allDescriptions().slice(0, 30)));
const { layers, heads, features } = clip.parts.vision;

/** [B,D] of a component, from contributions in full. */
type Part = (picture: number) => Float64Array;
const found = await decompose(clip, pixels, { tokens: true });
const wholes = await expandHeads(clip, found);
const part =
  ({ data }: FloatTensor, at: (picture: number) => number): Part =>
  (picture) =>
    Float64Array.from(data.subarray(at(picture) * features, (at(picture) + 1) * features));
const head = (layer: number, h: number): Part => part(wholes, (b) => (b * layers + layer) * heads + h);
const tokens = found.token_contributions!.shape[2]!;
const self = (layer: number): Part => part(found.token_contributions!, (b) => (b * layers + layer) * tokens);
const mlp = (layer: number): Part => part(found.mlp_contributions, (b) => b * (layers + 1) + layer + 1);

const everyHead = Array.from({ length: layers }, (_, layer) => Array.from({ length: heads }, (_, h) => head(layer, h)));
const everything = [...everyHead.flat(), ...Array.from({ length: layers + 1 }, (_, i) => mlp(i - 1))];

/** Cosines with the classes when `held` are at their means. */
function answers(held: readonly Part[]): Float64Array[] {
  const means = held.map((one) => {
    const mean = new Float64Array(features);
    for (let b = 0; b < COUNT; b++) one(b).forEach((x, i) => (mean[i]! += x / COUNT));
    return mean;
  });
  return Array.from({ length: COUNT }, (_, b) => {
    const total = new Float64Array(features);
    for (const one of everything) one(b).forEach((x, i) => (total[i]! += x));
    held.forEach((one, j) => {
      one(b).forEach((x, i) => (total[i]! += means[j]![i]! - x));
    });
    return Float64Array.from({ length: classes.shape[0]! }, (_, c) =>
      total.reduce((sum, x, i) => sum + x * classes.data[c * features + i]!, 0),
    );
  });
}

/** Classes whose lead over the next is more than rounding. */
function best(rows: readonly Float64Array[]): (number | undefined)[] {
  return rows.map((row) => {
    const [first, second] = [...row.keys()].sort((a, b) => row[b]! - row[a]!) as [number, number];
    return row[first]! - row[second]! > 1e-5 ? first : undefined;
  });
}

const inBatches = (size: number): AsyncGenerator<FloatTensor> => inBatchesOf(COUNT, size);

async function* inBatchesOf(count: number, size = 8): AsyncGenerator<FloatTensor> {
  const one = pixels.data.length / COUNT;
  for (let start = 0; start < count; start += size) {
    const end = Math.min(count, start + size);
    yield await Promise.resolve(floatTensor(pixels.data.slice(start * one, end * one), [end - start, 3, 64, 64]));
  }
}

async function predicted(ablation: Ablation, batch = 5): Promise<Int32Array> {
  const { predicted: all, pictures } = await meanAblation(
    clip,
    () => inBatches(batch),
    classes,
    [{ name: "other" }, ablation],
    { batch },
  );
  expect(pictures).toBe(COUNT);
  return all[1]![0]!;
}

function expectSame(got: Int32Array, rows: readonly Float64Array[]): void {
  const clear = best(rows);
  expect(clear.filter((c) => c !== undefined).length).toBeGreaterThan(COUNT - 4);
  clear.forEach((c, b) => {
    if (c !== undefined) expect(got[b]).toBe(c);
  });
}

test("components add up to the cosines, and their values are those of the contributions", async () => {
  const { logits } = await clip.vision.run(
    "test",
    { pixels },
    (graph) => ({
      logits: componentLogits(graph, input("classes", classes.shape), []),
    }),
    { shared: { classes } },
  );
  const layout = new ComponentLayout(clip);
  expect(logits.shape).toEqual([COUNT, layout.count, 30]);
  const value = (b: number, k: number, c: number): number => logits.data[(b * layout.count + k) * 30 + c]!;
  const dotOf = (vector: Float64Array, c: number): number =>
    vector.reduce((sum, x, i) => sum + x * classes.data[c * features + i]!, 0);
  const whole = layout.whole();
  const cosines = answers([]);
  for (const b of [0, 13]) {
    for (const c of [0, 7, 29]) {
      expect(value(b, layout.head({ layer: 2, head: 3 }), c)).toBeCloseTo(dotOf(head(2, 3)(b), c), 6);
      expect(value(b, layout.mlp(-1), c)).toBeCloseTo(dotOf(mlp(-1)(b), c), 6);
      let own = 0;
      for (let h = 0; h < heads; h++) own += value(b, layout.self({ layer: 1, head: h }), c);
      expect(own).toBeCloseTo(dotOf(self(1)(b), c), 6);
      let sum = 0;
      whole.forEach((weight, k) => (sum += weight * value(b, k, c)));
      expect(sum).toBeCloseTo(cosines[b]![c]!, 5);
    }
  }
});

describe("answers are those of plain sums", () => {
  test("with heads, MLPs and the start at their means", async () => {
    const places = [
      { layer: 3, head: 0 },
      { layer: 3, head: 5 },
      { layer: 1, head: 2 },
    ];
    const held = [...places.map(({ layer, head: h }) => head(layer, h)), mlp(3), mlp(-1)];
    expectSame(await predicted({ name: "some", heads: places, mlps: [3], start: true }), answers(held));
  });

  test("with the class token's own part at its mean, in layers whose heads are not", async () => {
    expectSame(await predicted({ name: "self", selves: [1, 3] }), answers([self(1), self(3)]));
    const all = Array.from({ length: heads }, (_, h) => ({ layer: 3, head: h }));
    expectSame(await predicted({ name: "both", heads: all, selves: [1, 3] }), answers([...everyHead[3]!, self(1)]));
  });

  test("whatever the batches", async () => {
    const ablation: Ablation = { name: "some", heads: [{ layer: 2, head: 1 }], selves: [0] };
    expect([...(await predicted(ablation, 24))]).toEqual([...(await predicted(ablation, 7))]);
  });

  test("each question is answered among its own classes", async () => {
    const questions = [
      [0, 12],
      [12, 30],
    ] as const;
    const { predicted: all } = await meanAblation(clip, () => inBatches(8), classes, [{ name: "nothing" }], {
      questions,
    });
    const rows = answers([]);
    questions.forEach(([start, end], q) => {
      expectSame(
        all[0]![q]!,
        rows.map((row) => row.slice(start, end)),
      );
    });
  });
});

test("heads that keep what all their texts say answer as they are, and with none as their mean", async () => {
  const onScenes = await headsOnScenes(clip, { seed: 1, count: 80, layers: 1 });
  const pool = normaliseRows(await clip.encodeText(allDescriptions().slice(0, 200)));
  const spans = await headSpans(clip, onScenes.statistics, onScenes.maps, pool, { count: 40 });
  const places = spans.map(({ layer, head: h }) => ({ layer, head: h }));
  const reconstructions = [
    spanReconstructions(clip, "all", spans, classes, 40),
    spanReconstructions(clip, "none", spans, classes, 0),
  ];
  const runs: Ablation[] = [
    { name: "as it is" },
    { name: "all", reconstructed: { heads: places, by: "all" } },
    { name: "held", heads: places },
    { name: "none", reconstructed: { heads: places, by: "none" } },
  ];
  const { predicted: all } = await meanAblation(clip, () => inBatches(8), classes, runs, { reconstructions });
  // 40 directions span the 35 that a head of width 32 has.
  expect([...all[1]![0]!]).toEqual([...all[0]![0]!]);
  expect([...all[3]![0]!]).toEqual([...all[2]![0]!]);
  expect([...all[2]![0]!]).not.toEqual([...all[0]![0]!]);
});

test("the paper's runs, and heads at random", () => {
  expect(paperAblations(clip).map(({ name }) => name)).toHaveLength(4);
  const sweep = cumulativeSweep(clip);
  expect(sweep.map(({ heads: held }) => held!.length)).toEqual([6, 12, 18, 24]);
  const drawn = randomHeads(clip, 5, 3, new Random(0));
  expect(drawn.map((one) => new Set(one.map(({ layer, head: h }) => `${layer}.${h}`)).size)).toEqual([5, 5, 5]);
});

test("components that the model has not, no pictures and other pictures are refused", async () => {
  const run = (ablation: Ablation, pictures = () => inBatches(8)) => meanAblation(clip, pictures, classes, [ablation]);
  await expect(run({ name: "x", heads: [{ layer: 4, head: 0 }] })).rejects.toThrow(/L3.H5/);
  await expect(run({ name: "x", mlps: [9] })).rejects.toThrow(/no such layer/);
  await expect(run({ name: "x" }, () => inBatchesOf(0))).rejects.toThrow(/no mean of no pictures/);
  let times = 0;
  async function* some(): AsyncGenerator<FloatTensor> {
    let left = times++ === 0 ? 2 : 1;
    for await (const one of inBatches(8)) if (left-- > 0) yield one;
  }
  await expect(run({ name: "x" }, some)).rejects.toThrow(/changed between/);
});
