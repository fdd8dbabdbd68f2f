/** The decomposition against the reference implementation's outputs, and against the formulas in plain loops. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { largestRemainder } from "../../../src/methods/decompose/attribution.js";
import { type Decomposition, decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import type { Clip } from "../../../src/models/clip/clip.js";
import { loadClip } from "../../../src/models/clip/load.js";
import {
  largestDifference,
  naiveWeights,
  randomPixels,
  readAll,
  SMALL_CLIPS,
  writeHuggingFace,
  writeOpenClip,
} from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { naiveDecomposition } from "../../support/naive-clip.js";
import { GOLDEN } from "../../support/paths.js";

describe("against the reference implementation (golden/clip-a)", async () => {
  const expected = await readAll(join(GOLDEN, "clip-a/expected.safetensors"));
  const golden = (name: string): FloatTensor => expected.get(name)!;

  test("head, token and MLP contributions within 1e-5, features within 1e-5 of their size", async () => {
    await using configured = await loadClip(join(GOLDEN, "clip-a"));
    const result = await decompose(configured, golden("pixels"), { tokens: true });
    const heads = await expandHeads(configured, result);
    const size = Math.max(...golden("image_features").data.map(Math.abs));
    expect(largestDifference(result.image_features.data, golden("image_features").data) / size).toBeLessThan(1e-5);
    expect(heads.shape).toEqual(golden("head_contributions").shape);
    expect(largestDifference(heads.data, golden("head_contributions").data)).toBeLessThan(1e-6);
    expect(result.token_contributions!.shape).toEqual(golden("token_contributions").shape);
    expect(largestDifference(result.token_contributions!.data, golden("token_contributions").data)).toBeLessThan(1e-6);
    expect(result.mlp_contributions.shape).toEqual(golden("mlp_contributions").shape);
    expect(largestDifference(result.mlp_contributions.data, golden("mlp_contributions").data)).toBeLessThan(1e-6);
    expect(largestRemainder(heads, result)).toBeLessThan(1e-6);
  });
});

describe.each(Object.entries(SMALL_CLIPS))("%s", (name, small) => {
  const folder = join(scratchFolder(), name);
  mkdirSync(folder);
  const { architecture, activation } = small;
  const size = architecture.vision.imageSize;
  const pixels = randomPixels(3, size);

  async function check(clip: Clip, weightsFolder: string): Promise<void> {
    const result = await decompose(clip, pixels, { tokens: true });
    const heads = await expandHeads(clip, result);
    const weights = naiveWeights(await readAll(weightsFolder));
    const naive = Array.from({ length: 3 }, (_, b) => {
      const picture = pixels.data.subarray(b * 3 * size * size, (b + 1) * 3 * size * size);
      return naiveDecomposition(picture, size, weights, { heads: architecture.vision.heads, activation });
    });
    const flat = (pick: (one: (typeof naive)[number]) => unknown): number[] => naive.map(pick).flat(5) as number[];
    const scale = Math.max(...flat(({ features }) => features).map(Math.abs));
    expect(
      largestDifference(
        result.image_features.data,
        flat(({ features }) => features),
      ) / scale,
    ).toBeLessThan(1e-5);
    expect(
      largestDifference(
        heads.data,
        flat(({ heads }) => heads),
      ),
    ).toBeLessThan(2e-6);
    expect(
      largestDifference(
        result.token_contributions!.data,
        flat(({ tokens }) => tokens),
      ),
    ).toBeLessThan(2e-6);
    expect(
      largestDifference(
        result.mlp_contributions.data,
        flat(({ mlps }) => mlps),
      ),
    ).toBeLessThan(2e-6);
    expect(largestRemainder(heads, result)).toBeLessThan(2e-6);
  }

  test("OpenCLIP layout", async () => {
    await writeOpenClip(folder, small);
    await using clip = await loadClip(folder, { imageSize: size });
    await check(clip, folder);
  });

  test("Hugging Face layout", async () => {
    const huggingFace = join(folder, "hf");
    mkdirSync(huggingFace);
    await writeHuggingFace(huggingFace, await readAll(folder), small);
    await using clip = await loadClip(huggingFace);
    expect(clip.parts.source.layout).toBe("hugging-face");
    await check(clip, folder);
  });

  test("LayerScale", async () => {
    const scaled = join(folder, "scaled");
    await writeOpenClip(scaled, small, true);
    await using clip = await loadClip(scaled, { imageSize: size });
    await check(clip, scaled);
  });
});

describe("text maps", async () => {
  const folder = join(scratchFolder(), "maps");
  const small = SMALL_CLIPS["quick gelu, odd head width"]!;
  await writeOpenClip(folder, small);
  const clip = await loadClip(folder);
  const { vision, features } = small.architecture;
  const texts = normaliseRows(floatTensor(randomPixels(1, 8).data.slice(0, 5 * features), [5, features]));
  const pixels = randomPixels(2, vision.imageSize);
  const result = await decompose(clip, pixels, { texts, tokens: true });

  test("summed over heads, equal token contributions times texts", () => {
    const [batch, layers, heads, tokens, count] = result.text_maps!.shape as [number, number, number, number, number];
    expect([batch, layers, heads, count]).toEqual([2, vision.layers, vision.heads, 5]);
    const summed = sumAxis(result.text_maps!, 2);
    const wanted = times(result.token_contributions!, texts);
    expect(tokens).toBe(10);
    expect(largestDifference(summed.data, wanted.data)).toBeLessThan(1e-6);
  });

  test("summed over tokens, equal head contributions times texts", async () => {
    const wanted = times(await expandHeads(clip, result), texts);
    expect(largestDifference(sumAxis(result.text_maps!, 3).data, wanted.data)).toBeLessThan(1e-6);
  });

  test("reading more changes no bit of the rest", async () => {
    const alone: Decomposition = await decompose(clip, pixels);
    expect(alone.image_features.data).toEqual(result.image_features.data);
    expect(alone.head_coordinates.data).toEqual(result.head_coordinates.data);
    expect((await clip.encodeImage(pixels)).data).toEqual(result.image_features.data);
  });
});

test("batches give what single pictures give, the last, partial one too", async () => {
  await using clip = await loadClip("clip-random");
  const pixels = randomPixels(5, clip.parts.vision.imageSize);
  const together = await decompose(clip, pixels, { batch: 2, tokens: true });
  for (let b = 0; b < 5; b++) {
    const size = pixels.data.length / 5;
    const one = floatTensor(pixels.data.slice(b * size, (b + 1) * size), [1, ...pixels.shape.slice(1)]);
    const alone = await decompose(clip, one, { tokens: true });
    for (const [name, tensor] of Object.entries(alone) as [keyof Decomposition, FloatTensor][]) {
      const rows = together[name]!;
      const stride = rows.data.length / 5;
      expect(largestDifference(rows.data.subarray(b * stride, (b + 1) * stride), tensor.data), name).toBeLessThan(2e-5);
    }
  }
});

function sumAxis({ data, shape }: FloatTensor, axis: number): FloatTensor {
  const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const length = shape[axis]!;
  const out = new Float32Array(data.length / length);
  data.forEach((value, i) => {
    const outer = Math.floor(i / (inner * length));
    out[outer * inner + (i % inner)]! += value;
  });
  return floatTensor(out, shape.toSpliced(axis, 1));
}

function times(x: FloatTensor, texts: FloatTensor): FloatTensor {
  const [count, width] = texts.shape as [number, number];
  const rows = x.data.length / width;
  const out = new Float32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    for (let t = 0; t < count; t++) {
      for (let i = 0; i < width; i++) out[row * count + t]! += x.data[row * width + i]! * texts.data[t * width + i]!;
    }
  }
  return floatTensor(out, [...x.shape.slice(0, -1), count]);
}
