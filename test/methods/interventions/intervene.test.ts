/** Changed models: what is changed is changed to the bit, nothing else is, and a decomposition still adds up. */
import { describe, expect, test } from "vitest";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { largestRemainder } from "../../../src/methods/decompose/attribution.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { zeroShotWeights } from "../../../src/methods/decompose/zero-shot.js";
import {
  answersOf,
  comparedAnswers,
  drawnAccuracies,
  fishOrBird,
} from "../../../src/methods/decompose/fish-or-bird.js";
import { intervene } from "../../../src/methods/interventions/intervene.js";
import { changedHeads, type Intervention, NO_INTERVENTION } from "../../../src/methods/interventions/intervention.js";
import { randomInterventions } from "../../../src/methods/interventions/random-heads.js";
import { sampleMeans } from "../../../src/methods/interventions/sample.js";
import { sitesAtMean } from "../../../src/methods/interventions/site-means.js";
import { scenePixels } from "../../../src/methods/scene-classes.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { Random, sampleScene } from "../../../src/worlds/scenes/index.js";

const clip = await loadClip("clip-scenes");
const random = new Random(3);
const pixels = scenePixels(clip, [sampleScene(random), sampleScene(random)]);
const changed = (change: Partial<Intervention>): Intervention => ({ ...NO_INTERVENTION, ...change });

const ALL = changed({
  heads: [
    { layer: 2, head: 1, to: "mean" },
    { layer: 2, head: 4, to: "off" },
    { layer: 3, head: 0, to: "off" },
    { layer: 0, head: 2, to: "mean" },
  ],
  layers: [{ layer: 0, to: "off" }],
  mlps: [
    { layer: 1, to: "mean" },
    { layer: 3, to: "off" },
  ],
  neurons: [
    { layer: 2, neuron: 5, to: "mean" },
    { layer: 2, neuron: 700, to: "off" },
  ],
});
const means = await sampleMeans(clip, sitesAtMean(clip, ALL), { seed: 0, count: 24 });
const edited = intervene(clip, ALL, means);

describe("a changed model", () => {
  test("needs the means of the sites that are held at them", () => {
    expect(sitesAtMean(clip, ALL).sort()).toEqual([
      "visual.blocks.0.attn.z",
      "visual.blocks.1.mlp.out",
      "visual.blocks.2.attn.z",
      "visual.blocks.2.mlp.post",
    ]);
  });

  test("has the changed values to the bit", async () => {
    const found = await edited.read(pixels, {
      z0: "visual.blocks.0.attn.z",
      z2: "visual.blocks.2.attn.z",
      mlp1: "visual.blocks.1.mlp.out",
      mlp3: "visual.blocks.3.mlp.out",
      post2: "visual.blocks.2.mlp.post",
    });
    const size = 65 * 32;
    const head = (data: Float32Array, picture: number, at: number): Float32Array =>
      data.subarray((picture * 6 + at) * size, (picture * 6 + at + 1) * size);
    for (const picture of [0, 1]) {
      const mean = (site: string): Float32Array => means.get(site)!.data;
      expect(head(found.z2.data, picture, 1)).toEqual(head(mean("visual.blocks.2.attn.z"), 0, 1));
      expect(head(found.z0.data, picture, 2)).toEqual(head(mean("visual.blocks.0.attn.z"), 0, 2));
      for (const [z, at] of [
        [found.z2, 4],
        [found.z0, 0],
        [found.z0, 5],
      ] as const)
        expect(Math.max(...head(z.data, picture, at).map(Math.abs))).toBe(0);
      const mlp = mean("visual.blocks.1.mlp.out");
      expect(found.mlp1.data.subarray(picture * mlp.length, (picture + 1) * mlp.length)).toEqual(mlp);
      const post = found.post2.data;
      for (const token of [0, 40]) {
        const at = (picture * 65 + token) * 768;
        expect(post[at + 5]).toBe(mean("visual.blocks.2.mlp.post")[token * 768 + 5]);
        expect(post[at + 700]).toBe(0);
        expect(post[at + 6]).not.toBe(0);
      }
    }
    expect(Math.max(...found.mlp3.data.map(Math.abs))).toBe(0);
  });

  test("leaves what comes before the first change to the bit", async () => {
    const late = intervene(clip, changed({ heads: [{ layer: 3, head: 2, to: "off" }] }));
    const reads = { stream: "visual.blocks.2.resid_post", z: "visual.blocks.3.attn.z" } as const;
    const [plain, other] = [await clip.read(pixels, reads), await late.read(pixels, reads)];
    expect(other.stream).toEqual(plain.stream);
    const size = 65 * 32;
    for (const at of [0, 1, 3, 4, 5]) {
      expect(other.z.data.subarray(at * size, (at + 1) * size)).toEqual(
        plain.z.data.subarray(at * size, (at + 1) * size),
      );
    }
    await late.dispose();
  });

  test("is taken apart by head and patch, and the parts add up", async () => {
    const directions = await zeroShotWeights(clip, ["a red fish", "a tree"], ["{}"]);
    const parts = await decompose(edited, pixels, { texts: directions, tokens: true });
    const heads = await expandHeads(edited, parts);
    expect(largestRemainder(heads, parts)).toBeLessThan(1e-5);
    // Over tokens, the maps of a head add up to what the head adds to the cosine, also of a head at its mean.
    const { data, shape } = parts.text_maps!;
    const [batch, layers, count, tokens, texts] = shape as [number, number, number, number, number];
    const width = directions.shape[1]!;
    for (let cell = 0; cell < batch * layers * count; cell++) {
      for (let text = 0; text < texts; text++) {
        let sum = 0;
        for (let token = 0; token < tokens; token++) sum += data[(cell * tokens + token) * texts + text]!;
        let whole = 0;
        for (let i = 0; i < width; i++) whole += heads.data[cell * width + i]! * directions.data[text * width + i]!;
        expect(sum).toBeCloseTo(whole, 5);
      }
    }
    // No patch speaks through a head at its mean: each gets its share of the constants, the same for all.
    const own = (2 * count + 1) * tokens * texts;
    const patches = Array.from({ length: tokens - 1 }, (_, i) => data[own + (i + 1) * texts]!);
    expect(Math.max(...patches) - Math.min(...patches)).toBeLessThan(1e-6);
  });

  test("without a change is the model itself", () => {
    expect(intervene(clip, NO_INTERVENTION)).toBe(clip);
  });

  test("what is said of one head counts more than what is said of its layer", () => {
    expect(changedHeads(clip, ALL).filter(({ layer, head }) => layer === 0 && head === 2)).toEqual([
      { layer: 0, head: 2, to: "mean" },
    ]);
    expect(changedHeads(clip, ALL)).toHaveLength(9);
  });
});

test.each<[string, Partial<Intervention>]>([
  ["L4.H0", { heads: [{ layer: 4, head: 0, to: "off" }] }],
  ["L1.mlp", { mlps: [1, 1].map((layer) => ({ layer, to: "off" })) }],
  ["L9", { layers: [{ layer: 9, to: "off" }] }],
  ["L2.N768", { neurons: [{ layer: 2, neuron: 768, to: "off" }] }],
])("%s is refused", (name, change) => {
  expect(() => intervene(clip, changed(change))).toThrow(name);
});

describe("fish or bird", () => {
  test("the model as it is does as its card says; random heads are as many and others", async () => {
    const set = await fishOrBird(clip, { seed: 1, perGroup: 24, rate: 0.9 });
    const before = await answersOf(clip, set);
    const [plain, same] = comparedAnswers(before, before, set.truth, 1);
    expect(plain.average.value).toBeGreaterThan(0.85);
    expect(plain.worst.value).toBeLessThan(0.6);
    expect(plain.groups.map(({ group }) => group)).toEqual(["fish, sea", "fish, sky", "bird, sky", "bird, sea"]);
    expect(same.gain.average).toEqual({ value: 0, low: 0, high: 0 });
    const drawn = randomInterventions(clip, ALL, { seed: 1, draws: 3 });
    expect(drawn.map((one) => changedHeads(clip, one).length)).toEqual([9, 9, 9]);
    expect(new Set(drawn.map((one) => JSON.stringify(one.heads))).size).toBe(3);
    expect(drawn[0]!.mlps).toEqual(ALL.mlps);
    expect(randomInterventions(clip, changed({ mlps: ALL.mlps }), { seed: 1, draws: 3 })).toEqual([]);
    expect(drawnAccuracies([before, before], set.truth)).toMatchObject({
      draws: 2,
      average: { value: plain.average.value },
    });
  });

  test("the model as the answers see it is the one in the batch at hand", async () => {
    const set = await fishOrBird(clip, { seed: 2, perGroup: 5, rate: 0.9 });
    const seen: number[] = [];
    const all = await answersOf(clip, set, { batch: 8, onProgress: (done) => void seen.push(done) });
    expect(seen).toEqual([8, 16, 20]);
    const first = {
      ...set,
      pixels: floatTensor(set.pixels.data.slice(0, set.pixels.data.length / 20), [1, 3, 64, 64]),
    };
    expect(await answersOf(clip, first)).toEqual(all.slice(0, 1));
  });
});
