/** Calls on one model: many at once, of any count, before and after it is disposed of. */
import { describe, expect, test } from "vitest";
import { intTensor } from "../../../src/engine/tensor/tensor.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels } from "../../support/clips.js";

const clip = await loadClip("clip-random");
const { imageSize, features } = clip.parts.vision;

describe("at once", () => {
  test("reads of different sites", async () => {
    const pixels = randomPixels(2, imageSize);
    const names = clip.sites().filter((site) => /^visual\.blocks\.\d\.attn\.z$/.test(site));
    const results = await Promise.all(names.map((site) => clip.read(pixels, { site })));
    const plain = await clip.encodeImage(pixels);
    for (const result of results) expect(result.features.data).toEqual(plain.data);
  });

  test("encodings of 1 to 5 pictures and texts, decompositions and expansions", async () => {
    const counts = [1, 2, 3, 4, 5];
    const encodings = await Promise.all([
      ...counts.map((count) => clip.encodeImage(randomPixels(count, imageSize))),
      ...counts.map((count) => clip.encodeText(Array.from({ length: count }, (_, i) => `text ${i}`))),
    ]);
    expect(encodings.map(({ shape }) => shape)).toEqual([...counts, ...counts].map((count) => [count, features]));
    const parts = await Promise.all(
      counts.map((count) => decompose(clip, randomPixels(count, imageSize), { batch: 2 })),
    );
    const heads = await Promise.all(parts.map((one) => expandHeads(clip, one)));
    expect(heads.map(({ shape }) => shape[0])).toEqual(counts);
  });

  test("disposing lets calls under way finish, and refuses later ones", async () => {
    const own = await loadClip("clip-random");
    const pixels = randomPixels(9, imageSize);
    const [encoded] = await Promise.all([own.encodeImage(pixels), own.dispose()]);
    expect(encoded.shape).toEqual([9, features]);
    await expect(own.encodeImage(pixels)).rejects.toMatchObject({ code: "disposed" });
    await own.dispose();
  });
});

test("counts that are no multiple of the batch give each picture its own features", async () => {
  const pixels = randomPixels(11, imageSize);
  const together = await clip.encodeImage(pixels);
  const size = pixels.data.length / 11;
  for (const b of [0, 7, 8, 10]) {
    const shape = [1, ...pixels.shape.slice(1)];
    const alone = await clip.encodeImage({
      dtype: "float32",
      shape,
      data: pixels.data.slice(b * size, (b + 1) * size),
    });
    expect(largestDifference(together.data.subarray(b * features, (b + 1) * features), alone.data)).toBeLessThan(1e-5);
  }
});

describe("unusable input", () => {
  test.each([
    ["one axis", [5], 5],
    ["too long a context", [1, 78], 78],
    ["no token", [1, 0], 0],
  ])("ids with %s", async (_name, shape, count) => {
    await expect(clip.encodeText(intTensor(new Int32Array(count), shape))).rejects.toMatchObject({ code: "usage" });
  });

  test.each([-1, 514])("the id %d", async (id) => {
    const ids = intTensor(Int32Array.of(512, id, 513), [1, 3]);
    await expect(clip.encodeText(ids)).rejects.toMatchObject({ code: "usage" });
  });

  test.each([0, -1, 1.5, NaN])("a batch of %d", async (batch) => {
    await expect(decompose(clip, randomPixels(1, imageSize), { batch })).rejects.toMatchObject({ code: "usage" });
  });

  test("no text gives no features; short rows of ids give what filled ones give", async () => {
    expect((await clip.encodeText([])).shape).toEqual([0, features]);
    const short = await clip.encodeText(intTensor(Int32Array.of(512, 100, 513), [1, 3]));
    const filled = await clip.encodeText(intTensor(Int32Array.of(512, 100, 513, ...new Int32Array(74)), [1, 77]));
    expect(short.data).toEqual(filled.data);
  });
});
