/** The decomposition of towers without CLIP's projection: against plain loops in float64, as sums, in maps, under edits. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { largestRemainder } from "../../../src/methods/decompose/attribution.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { HeadSpace } from "../../../src/methods/decompose/head-space.js";
import { headRowLayout, headRows, lastLayers } from "../../../src/methods/decompose/head-rows.js";
import { rawAttention } from "../../../src/methods/decompose/segmentation-baselines.js";
import { segmentationHeat } from "../../../src/methods/decompose/segmentation.js";
import { neuronEffects } from "../../../src/methods/neurons/second-order.js";
import { cellName } from "../../../src/methods/patching/cell-names.js";
import { patchPlan } from "../../../src/methods/patching/plan.js";
import type { Clip } from "../../../src/models/clip/clip.js";
import { loadClip } from "../../../src/models/clip/load.js";
import {
  type FamilySizes,
  type RandomFamily,
  writeRandomFamily,
} from "../../../src/models/families/random-checkpoint.js";
import { largestDifference, naiveWeights, randomPixels, readAll } from "../../support/clips.js";
import { naiveFamily } from "../../support/naive-vit.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const SIZES: FamilySizes = { layers: 2, width: 24, heads: 3, hidden: 40, imageSize: 30, patchSize: 8 };
const EPSILON = { vit: 1e-12, dinov2: 1e-6, siglip: 1e-6 };

interface Case {
  readonly name: string;
  readonly family: RandomFamily;
  readonly sizes: FamilySizes;
}

const CASES: readonly Case[] = [
  { name: "DINO", family: "vit", sizes: SIZES },
  { name: "DINOv2", family: "dinov2", sizes: { ...SIZES, layers: 3 } },
  { name: "DINOv2 with registers and gated MLPs", family: "dinov2", sizes: { ...SIZES, registers: 4, gated: true } },
  { name: "SigLIP", family: "siglip", sizes: { ...SIZES, layers: 3, heads: 2 } },
];

const root = scratchFolder();
const pixels = randomPixels(3, SIZES.imageSize);

async function withModel(one: Case, use: (clip: Clip, folder: string) => void | Promise<void>): Promise<void> {
  const folder = join(root, one.name);
  await writeRandomFamily(folder, one.family, one.sizes, { seed: 11 });
  await using clip = await loadClip(folder);
  await use(clip, folder);
}

/** Rows of one picture, flat. */
function ofPicture({ data, shape }: FloatTensor, picture: number): Float32Array {
  const size = data.length / shape[0]!;
  return data.subarray(picture * size, (picture + 1) * size);
}

describe.each(CASES)("$name", (one) => {
  const pooled = one.family === "siglip";
  const readLayers = pooled ? 1 : one.sizes.layers;

  test("features, heads, tokens and MLPs are those of plain loops, and add up", async () => {
    await withModel(one, async (clip, folder) => {
      const found = await decompose(clip, pixels, { tokens: true, texts: "own" });
      const heads = await expandHeads(clip, found);
      expect(heads.shape.slice(0, 3)).toEqual([3, readLayers, one.sizes.heads]);
      expect(largestRemainder(heads, found)).toBeLessThan(1e-6);
      const weights = naiveWeights(await readAll(folder));
      for (let b = 0; b < 3; b++) {
        const naive = naiveFamily(ofPicture(pixels, b), SIZES.imageSize, weights, {
          family: one.family,
          layers: one.sizes.layers,
          heads: one.sizes.heads,
          epsilon: EPSILON[one.family],
        });
        const length = Math.hypot(...naive.features);
        expect(largestDifference(ofPicture(found.image_features, b), naive.features) / length).toBeLessThan(2e-6);
        expect(largestDifference(ofPicture(heads, b), naive.heads.flat(2))).toBeLessThan(2e-6);
        expect(largestDifference(ofPicture(found.token_contributions!, b), naive.tokens.flat(2))).toBeLessThan(2e-6);
        expect(largestDifference(ofPicture(found.mlp_contributions, b), naive.mlps.flat())).toBeLessThan(2e-6);
      }
    });
  });

  test("maps along directions are the dot products of tokens' contributions with them", async () => {
    await withModel(one, async (clip) => {
      const others = normaliseRows(await clip.encodeImage(randomPixels(2, SIZES.imageSize, 9)));
      const found = await decompose(clip, pixels, { tokens: true, texts: others });
      const own = await decompose(clip, pixels, { texts: "own" });
      const features = normaliseRows(found.image_features);
      const maps = found.text_maps!;
      const [, layers, heads, tokens] = maps.shape as [number, number, number, number];
      const width = features.shape[1]!;
      for (let b = 0; b < 3; b++) {
        for (let layer = 0; layer < layers; layer++) {
          for (let token = 0; token < tokens; token++) {
            const row = found.token_contributions!.data.subarray(((b * layers + layer) * tokens + token) * width);
            const sums = [0, 0, 0];
            for (let h = 0; h < heads; h++) {
              const at = ((b * layers + layer) * heads + h) * tokens + token;
              sums[0]! += maps.data[2 * at]!;
              sums[1]! += maps.data[2 * at + 1]!;
              sums[2]! += own.text_maps!.data[at]!;
            }
            const directions = [others.data, others.data.subarray(width), features.data.subarray(b * width)];
            directions.forEach((direction, t) => {
              let product = 0;
              for (let i = 0; i < width; i++) product += row[i]! * direction[i]!;
              expect(Math.abs(product - sums[t]!)).toBeLessThan(1e-6);
            });
          }
        }
      }
    });
  });

  test("the heat of patches leaves out what is no patch", async () => {
    await withModel(one, async (clip) => {
      const directions = normaliseRows(await clip.encodeImage(randomPixels(2, SIZES.imageSize, 9)));
      const chosen = { layer: readLayers - 1, head: 1 };
      const heat = await segmentationHeat(clip, pixels, directions, { heads: [chosen] });
      const { text_maps: maps } = await decompose(clip, pixels, { texts: directions });
      const { prefix, grid, tokens } = clip.parts.vision;
      expect(prefix).toBe(pooled ? 0 : 1 + (one.sizes.registers ?? 0));
      expect(heat.shape).toEqual([3, 2, grid, grid]);
      const [, layers, heads] = maps!.shape as [number, number, number];
      for (let b = 0; b < 3; b++) {
        for (let t = 0; t < 2; t++) {
          for (let patch = 0; patch < grid * grid; patch++) {
            const cell = (b * layers + chosen.layer) * heads + chosen.head;
            const wanted = maps!.data[(cell * tokens + prefix + patch) * 2 + t]!;
            expect(heat.data[(b * 2 + t) * grid * grid + patch]).toBeCloseTo(wanted, 6);
          }
        }
      }
    });
  });

  test("pictures can be searched by what a head says of them", async () => {
    await withModel(one, async (clip) => {
      const heads = [{ layer: readLayers - 1, head: 0 }];
      const space = await HeadSpace.of(clip, heads);
      const found = await decompose(clip, pixels);
      const rows = space.rows(found);
      const contributions = await expandHeads(clip, found);
      const perPicture = contributions.data.length / 3;
      const start = (readLayers - 1) * one.sizes.heads * SIZES.width;
      const said = [0, 1, 2].map((b) =>
        contributions.data.subarray(b * perPicture + start, b * perPicture + start + SIZES.width),
      );
      const product = (a: Float32Array, b: Float32Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
      expect(product(ofPicture(rows, 0), ofPicture(rows, 2))).toBeCloseTo(product(said[0]!, said[2]!), 5);
      // What an index keeps of each picture: the coordinates, three scalars, the normalised features.
      const layout = headRowLayout(clip, lastLayers(clip, 4));
      expect(layout.layers).toHaveLength(Math.min(4, readLayers));
      const kept = await headRows(clip, pixels, layout);
      expect(kept.shape).toEqual([3, layout.width]);
      const features = ofPicture(normaliseRows(found.image_features), 1);
      expect(largestDifference(ofPicture(kept, 1).subarray(-SIZES.width), features)).toBeLessThan(1e-6);
    });
  });

  test("equal edits change no bit; what an edited model computes is decomposed", async () => {
    await withModel(one, async (clip) => {
      const plain = await decompose(clip, pixels);
      const site = pooled ? "visual.pool.attn.z" : "visual.blocks.1.attn.z";
      await using same = clip.edit({ [site]: (z) => z, "visual.pooled": (x) => x });
      expect((await decompose(same, pixels)).image_features.data).toEqual(plain.image_features.data);
      await using halved = clip.edit({ [site]: (z) => mul(z, 0.5) });
      const edited = await decompose(halved, pixels);
      expect(largestDifference(edited.image_features.data, plain.image_features.data)).toBeGreaterThan(1e-2);
      expect(largestRemainder(await expandHeads(halved, edited), edited)).toBeLessThan(1e-6);
      // By token such an edit is nobody's.
      await expect(decompose(halved, pixels, { tokens: true })).rejects.toMatchObject({ code: "unattributable-edit" });
      await using past = clip.edit({ "visual.pooled": (x) => mul(x, 2) });
      await expect(decompose(past, pixels)).rejects.toMatchObject({ code: "unattributable-edit" });
    });
  });

  test("sites of all layers are read without changing a bit", async () => {
    await withModel(one, async (clip) => {
      const { features, all } = await clip.read(pixels, { all: "visual.*.*.attn.z" });
      expect(all).toHaveLength(one.sizes.layers);
      expect(features.data).toEqual((await clip.encodeImage(pixels)).data);
      expect(clip.sites().includes("visual.pool.attn.pattern")).toBe(pooled);
      expect(clip.sites().includes("visual.pre_norm")).toBe(false);
      expect(clip.sites().includes("visual.blocks.0.mlp.pre_linear")).toBe(one.sizes.gated === true);
      // No projection lies between what is read and the features.
      const { pooled: read } = await clip.read(pixels, { pooled: "visual.pooled" });
      expect(read.data).toEqual(features.data);
    });
  });

  test("patching names what is no patch, and patches no class token where there is none", async () => {
    await withModel(one, (clip) => {
      const plan = patchPlan(clip, { site: "resid_post", by: "tokens" });
      const { prefix, tokens } = clip.parts.vision;
      const names = plan.cells.slice(0, tokens).map((cell) => cellName(plan, cell).slice("L0 ".length));
      const before = ["class", ...Array.from({ length: Math.max(0, prefix - 1) }, (_, i) => `register ${i}`)];
      expect(names.slice(0, prefix)).toEqual(before.slice(0, prefix));
      expect(names.slice(prefix)).toEqual(Array.from({ length: tokens - prefix }, (_, i) => `patch ${i}`));
      const ofClass = (): unknown => patchPlan(clip, { rows: "class" });
      if (!pooled) ofClass();
      else {
        expect(ofClass).toThrow(expect.objectContaining({ code: "missing-part" }));
        const pool = patchPlan(clip, { site: "pool.attn.z" });
        expect(pool).toMatchObject({ grid: [1, one.sizes.heads, 1], size: { heads: one.sizes.heads, tokens: 1 } });
      }
    });
  });

  test("what follows a class token through blocks is refused where there is none", async () => {
    await withModel(one, async (clip) => {
      const runs = [
        (): Promise<FloatTensor> => neuronEffects(clip, pixels, { layer: 0 }),
        (): Promise<FloatTensor> => rawAttention(clip, pixels),
      ];
      for (const run of runs) {
        if (pooled) await expect(run()).rejects.toMatchObject({ code: "missing-part" });
        else expect((await run()).shape[0]).toBe(3);
      }
    });
  });
});

test("upstream of the pool of a SigLIP, every edit is accounted for", async () => {
  await withModel(CASES[3]!, async (clip) => {
    await using edited = clip.edit({
      "visual.blocks.1.resid_post": (x) => mul(x, 0.7),
      "visual.pool.mlp.out": (x) => mul(x, 2),
    });
    const found = await decompose(edited, pixels, { tokens: true });
    expect(largestRemainder(await expandHeads(edited, found), found)).toBeLessThan(1e-6);
    const half = floatTensor(found.mlp_contributions.data, found.mlp_contributions.shape);
    expect(half.shape).toEqual([3, 2, SIZES.width]);
    // Nothing is there before the pool.
    for (let b = 0; b < 3; b++)
      expect(
        ofPicture(half, b)
          .subarray(0, SIZES.width)
          .every((x) => x === 0),
      ).toBe(true);
  });
});
