/** First-order and indirect effects: against the formula in plain loops, and against a checkpoint whose weights hold the neuron. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { firstOrderEffects, indirectEffects, meanActivations } from "../../../src/methods/neurons/other-effects.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels, readAll, SMALL_CLIPS, writeAll, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const small = SMALL_CLIPS["quick gelu, odd head width"]!;
const { layers, hidden, imageSize } = small.architecture.vision;
await writeOpenClip(folder, small, true);
const weights = await readAll(folder);
const clip = await loadClip(folder);
afterAll(() => clip.dispose());
const pixels = randomPixels(5, imageSize);

/** The five pictures, as 2, 2 and 1. */
async function* stream(): AsyncGenerator<FloatTensor> {
  const one = pixels.data.length / 5;
  for (const [start, end] of [
    [0, 2],
    [2, 4],
    [4, 5],
  ] as const) {
    yield floatTensor(pixels.data.subarray(start * one, end * one), [end - start, ...pixels.shape.slice(1)]);
    await Promise.resolve();
  }
}

test.each([0, 2])("first-order effects of layer %d are the write to the class token, projected", async (layer) => {
  const effects = await firstOrderEffects(clip, pixels, { layer, batch: 2 });
  const sites = await clip.read(pixels, {
    post: `visual.blocks.${layer}.mlp.post`,
    last: `visual.blocks.${layers - 1}.resid_post`,
  });
  const get = (name: string): Float32Array => weights.get(`visual.${name}`)!.data;
  const [gamma, projection] = [get("ln_post.weight"), get("proj")];
  const written = get(`transformer.resblocks.${layer}.mlp.c_proj.weight`);
  const layerScale = get(`transformer.resblocks.${layer}.ls_2.gamma`);
  const width = gamma.length;
  const features = sites.features.shape[1]!;
  const tokens = sites.post.shape[1]!;
  const expected = new Float64Array(5 * hidden * features);
  for (let b = 0; b < 5; b++) {
    const stream = Array.from(sites.last.data.subarray(b * tokens * width, (b * tokens + 1) * width));
    const mean = stream.reduce((a, x) => a + x / width, 0);
    const deviation = Math.sqrt(stream.reduce((a, x) => a + (x - mean) ** 2 / width, 0) + 1e-5);
    const norm = Math.hypot(...sites.features.data.subarray(b * features, (b + 1) * features));
    for (let n = 0; n < hidden; n++) {
      const active = sites.post.data[b * tokens * hidden + n]!;
      for (let j = 0; j < features; j++) {
        let value = 0;
        for (let i = 0; i < width; i++) {
          value += active * written[i * hidden + n]! * layerScale[i]! * gamma[i]! * projection[i * features + j]!;
        }
        expected[(b * hidden + n) * features + j] = value / deviation / norm;
      }
    }
  }
  expect(effects.shape).toEqual([5, hidden, features]);
  expect(largestDifference(effects.data, expected)).toBeLessThan(1e-6);
});

test("mean activations are those of all pictures at once", async () => {
  const means = await meanActivations(clip, stream(), { layer: 1 });
  const { post } = await clip.read(pixels, { post: "visual.blocks.1.mlp.post" });
  const size = post.data.length / 5;
  const expected = Float64Array.from({ length: size }, (_, i) =>
    [0, 1, 2, 3, 4].reduce((sum, b) => sum + post.data[b * size + i]! / 5, 0),
  );
  expect(means.shape).toEqual(post.shape.slice(1));
  expect(largestDifference(means.data, expected)).toBeLessThan(1e-6);
});

describe("indirect effects", () => {
  const layer = 1;
  const tokens = clip.parts.vision.tokens;

  test("are what changes when weights hold the neuron instead", async () => {
    const neuron = 17;
    // Without weights and with a bias of 1, a neuron is x·sigmoid(1.702 x) of 1 at every token.
    const value = 1 / (1 + Math.exp(-1.702));
    const held = new Map(weights);
    const own = (name: string): Float32Array => weights.get(name)!.data.slice();
    const [rows, bias] = ["weight", "bias"].map((name) => `visual.transformer.resblocks.${layer}.mlp.c_fc.${name}`);
    const width = weights.get(rows!)!.shape[1]!;
    held.set(rows!, floatTensor(own(rows!).fill(0, neuron * width, (neuron + 1) * width), [hidden, width]));
    held.set(bias!, floatTensor(own(bias!).fill(1, neuron, neuron + 1), [hidden]));
    const where = join(folder, "held");
    mkdirSync(where);
    await writeOpenClip(where, small, true);
    await writeAll(join(where, "open_clip_model.safetensors"), held);
    await using other = await loadClip(where);
    const [before, after] = [await clip.encodeImage(pixels), await other.encodeImage(pixels)];

    const means = floatTensor(new Float32Array(tokens * hidden).fill(value), [tokens, hidden]);
    const effects = await indirectEffects(clip, pixels, { layer, neurons: [3, neuron], means, batch: 4 });
    const features = before.shape[1]!;
    expect(effects.shape).toEqual([5, 2, features]);
    let largest = 0;
    for (let b = 0; b < 5; b++) {
      const norm = Math.hypot(...before.data.subarray(b * features, (b + 1) * features));
      for (let j = 0; j < features; j++) {
        const expected = (before.data[b * features + j]! - after.data[b * features + j]!) / norm;
        largest = Math.max(largest, Math.abs(expected));
        expect(Math.abs(effects.data[(b * 2 + 1) * features + j]! - expected)).toBeLessThan(1e-5);
      }
    }
    expect(largest).toBeGreaterThan(1e-3);
  });

  test("are nothing where a neuron is held at what it is, token by token", async () => {
    const one = floatTensor(pixels.data.slice(0, pixels.data.length / 5), [1, ...pixels.shape.slice(1)]);
    const { post } = await clip.read(one, { post: `visual.blocks.${layer}.mlp.post` });
    const means = floatTensor(post.data, [tokens, hidden]);
    const { data } = await indirectEffects(clip, one, { layer, neurons: [0, 42], means });
    expect(largestDifference(data, new Float32Array(data.length))).toBeLessThan(1e-6);
  });

  test.each([
    [{ layer: 3, neurons: [0], rows: tokens }, /no such layer: .*got 3, expected a whole number from 0 to 2/],
    [{ layer: 1, neurons: [0, 100], rows: tokens }, /no such neuron: .*got 100, expected a whole number from 0 to 99/],
    [{ layer: 1, neurons: [0], rows: 2 }, /means do not fit the layer: .*got \[2,100\], expected \[10,100\]/],
  ])("of %j are refused", async ({ rows, ...options }, says) => {
    const means = floatTensor(new Float32Array(rows * hidden), [rows, hidden]);
    await expect(indirectEffects(clip, pixels, { ...options, means })).rejects.toThrow(says);
  });
});
