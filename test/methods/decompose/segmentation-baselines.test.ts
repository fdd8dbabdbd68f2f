/** Baselines against literal computations in float64, GradCAM against differences of the model's own answers. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { add, constant } from "../../../src/graph.js";
import { dot, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { attentionRollout, gradCam, rawAttention } from "../../../src/methods/decompose/segmentation-baselines.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels, readAll, SMALL_CLIPS, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const small = SMALL_CLIPS["quick gelu, odd head width"]!;
const { layers, heads, width, imageSize } = small.architecture.vision;
const tokens = 10;
const where = join(scratchFolder(), "small");
mkdirSync(where);
await writeOpenClip(where, small);
const clip = await loadClip(where);
const pixels = randomPixels(2, imageSize);
const { patterns, normed } = await clip.read(pixels, {
  patterns: "visual.blocks.*.attn.pattern",
  normed: `visual.blocks.${layers - 1}.resid_pre`,
});

type Matrix = number[][];

/** One layer's attention in a picture, the mean over heads. */
function meanAttention(layer: number, picture: number): Matrix {
  const { data } = patterns[layer]!;
  const at = (head: number, row: number, column: number): number =>
    data[((picture * heads + head) * tokens + row) * tokens + column]!;
  return Array.from({ length: tokens }, (_, row) =>
    Array.from({ length: tokens }, (_, column) => {
      let sum = 0;
      for (let head = 0; head < heads; head++) sum += at(head, row, column);
      return sum / heads;
    }),
  );
}

const patchesOf = ({ data }: FloatTensor, picture: number): Float32Array =>
  data.subarray(picture * 9, (picture + 1) * 9);

test("raw attention is the class token's, in the last layer", async () => {
  const heat = await rawAttention(clip, pixels);
  expect(heat.shape).toEqual([2, 1, 3, 3]);
  for (const picture of [0, 1]) {
    expect(largestDifference(patchesOf(heat, picture), meanAttention(layers - 1, picture)[0]!.slice(1))).toBeLessThan(
      1e-6,
    );
  }
});

test("rollout multiplies whole matrices, each with half of the identity and rows that add up to 1", async () => {
  const heat = await attentionRollout(clip, pixels);
  for (const picture of [0, 1]) {
    let product: Matrix = Array.from({ length: tokens }, (_, i) =>
      Array.from({ length: tokens }, (_, j) => +(i === j)),
    );
    for (let layer = 0; layer < layers; layer++) {
      const mixed = meanAttention(layer, picture).map((row, i) => row.map((a, j) => 0.5 * a + (i === j ? 0.5 : 0)));
      const rows = mixed.map((row) => row.map((a) => a / row.reduce((sum, b) => sum + b, 0)));
      product = rows.map((row) => product[0]!.map((_, j) => row.reduce((sum, a, k) => sum + a * product[k]![j]!, 0)));
    }
    expect(largestDifference(patchesOf(heat, picture), product[0]!.slice(1))).toBeLessThan(1e-6);
  }
});

/**
 * A channel's weight is how much the cosine changes when this channel of the norm's output rises in all patches: keys and
 * values of the patches are moved by its column of their weights, up and down for every channel, one row of a batch each.
 */
async function channelWeights(picture: FloatTensor, direction: Float32Array, step: number): Promise<number[]> {
  const weights = await readAll(where);
  const fused = weights.get(`visual.transformer.resblocks.${layers - 1}.attn.in_proj_weight`)!.data;
  const [runs, headWidth] = [2 * width, width / heads];
  const moved = (part: number): FloatTensor => {
    const shape = [runs, heads, tokens, headWidth];
    const data = new Float32Array(runs * tokens * width).map((_, i) => {
      const k = i % headWidth;
      const token = Math.floor(i / headWidth) % tokens;
      const head = Math.floor(i / (headWidth * tokens)) % heads;
      const run = Math.floor(i / (tokens * width));
      const row = part * width + head * headWidth + k;
      return token === 0 ? 0 : (run % 2 === 0 ? step : -step) * fused[row * width + (run >> 1)]!;
    });
    return floatTensor(data, shape);
  };
  const site = `visual.blocks.${layers - 1}.attn`;
  await using edited = clip.edit({
    [`${site}.k`]: (k) => add(k, constant(moved(1))),
    [`${site}.v`]: (v) => add(v, constant(moved(2))),
  });
  const repeated = floatTensor(
    Float32Array.from({ length: runs * picture.data.length }, (_, i) => picture.data[i % picture.data.length]!),
    [runs, ...picture.shape.slice(1)],
  );
  const { features } = await edited.vision.run("features", { pixels: repeated }, ({ features }) => ({ features }), {
    batch: runs,
  });
  const unit = normaliseRows(features);
  const size = direction.length;
  const cosine = (run: number): number => dot(unit.data.subarray(run * size, (run + 1) * size), direction);
  return Array.from({ length: width }, (_, c) => (cosine(2 * c) - cosine(2 * c + 1)) / (2 * step * (tokens - 1)));
}

test("GradCAM weighs channels by how the cosine follows them", async () => {
  const { features } = small.architecture;
  const directions = normaliseRows(floatTensor(new Random(2).centred(2 * features, 1), [2, 1, features]));
  const heat = await gradCam(clip, pixels, directions);
  const size = 3 * imageSize ** 2;
  for (const picture of [0, 1]) {
    const one = floatTensor(pixels.data.subarray(picture * size, (picture + 1) * size), [1, 3, imageSize, imageSize]);
    const direction = directions.data.subarray(picture * features, (picture + 1) * features);
    const weights = await channelWeights(one, direction, 0.05);
    const stored = await readAll(where);
    const [gamma, beta] = ["weight", "bias"].map(
      (name) => stored.get(`visual.transformer.resblocks.${layers - 1}.ln_1.${name}`)!.data,
    ) as [Float32Array, Float32Array];
    const literal = Array.from({ length: 9 }, (_, patch) => {
      const start = (picture * tokens + patch + 1) * width;
      const stream = Array.from(normed.data.subarray(start, start + width));
      const mean = stream.reduce((a, b) => a + b, 0) / width;
      const deviation = Math.sqrt(stream.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width + 1e-5);
      const output = stream.map((x, c) => (gamma[c]! * (x - mean)) / deviation + beta[c]!);
      return Math.max(
        0,
        output.reduce((sum, x, c) => sum + weights[c]! * x, 0),
      );
    });
    const largest = Math.max(...literal);
    expect(largest).toBeGreaterThan(0);
    expect(largestDifference(patchesOf(heat, picture), literal) / largest).toBeLessThan(5e-3);
  }
});
