/** The text tower against the reference implementation, and in all layouts. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { intTensor } from "../../../src/engine/tensor/tensor.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { neededLength, tokenRows } from "../../../src/models/clip/token-rows.js";
import { largestDifference, readAll, SMALL_CLIPS, writeHuggingFace, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { GOLDEN } from "../../support/paths.js";

test("text features equal the reference's within 1e-5 of their size (golden/clip-a)", async () => {
  await using clip = await loadClip(join(GOLDEN, "clip-a"));
  const expected = await readAll(join(GOLDEN, "clip-a/expected.safetensors"));
  const { data, shape } = expected.get("tokens")!;
  const wanted = expected.get("text_features")!;
  const tokens = intTensor(Int32Array.from(data), shape);
  expect([...tokenRows(tokens, clip.parts.text!).ends.data]).toEqual([6, 10, 15, 11, 76, 1]);
  const features = await clip.encodeText(tokens);
  const size = Math.max(...wanted.data.map(Math.abs));
  expect(features.shape).toEqual(wanted.shape);
  expect(largestDifference(features.data, wanted.data) / size).toBeLessThan(1e-5);
});

test("both layouts give the same text features", async () => {
  const folder = join(scratchFolder(), "text");
  const small = SMALL_CLIPS["plain"]!;
  await writeOpenClip(folder, small);
  mkdirSync(join(folder, "hf"));
  await writeHuggingFace(join(folder, "hf"), await readAll(folder), small);
  await using openClip = await loadClip(folder);
  await using huggingFace = await loadClip(join(folder, "hf"));
  const ids = intTensor(
    Int32Array.from({ length: 154 }, (_, i) => (i % 77 === 20 ? 513 : i % 77 < 20 ? (i * 7) % 500 : 0)),
    [2, 77],
  );
  const a = await openClip.encodeText(ids);
  const b = await huggingFace.encodeText(ids);
  expect(largestDifference(a.data, b.data)).toBeLessThan(1e-5);
});

test("what follows the end token does not matter, what precedes it does", async () => {
  await using clip = await loadClip("clip-random");
  const tokens = clip.parts.tokenizer!.encode(["a fish"]);
  const end = tokens.data.indexOf(513);
  const changed = (at: number): ReturnType<typeof intTensor> => {
    const ids = Int32Array.from(tokens.data);
    ids[at] = 100;
    return intTensor(ids, tokens.shape);
  };
  const plain = await clip.encodeText(tokens);
  expect((await clip.encodeText(changed(end + 3))).data).toEqual(plain.data);
  expect(largestDifference((await clip.encodeText(changed(end - 1))).data, plain.data)).toBeGreaterThan(1e-3);
});

test("texts that are given no more tokens than they need have the same features, up to rounding", async () => {
  await using clip = await loadClip(join(GOLDEN, "clip-a"));
  const { data, shape } = (await readAll(join(GOLDEN, "clip-a/expected.safetensors"))).get("tokens")!;
  const short = intTensor(Int32Array.from(data).subarray(0, 4 * 77), [4, 77]);
  expect(clip.textLength(short)).toBe(16);
  const whole = await clip.encodeText(short);
  const size = Math.max(...whole.data.map(Math.abs));
  for (const length of [16, 40]) {
    expect(largestDifference((await clip.encodeText(short, { length })).data, whole.data) / size).toBeLessThan(1e-6);
  }
  await expect(clip.encodeText(short, { length: 15 })).rejects.toMatchObject({ code: "usage" });
  await expect(clip.encodeText(short, { length: 78 })).rejects.toMatchObject({ code: "usage" });
  // The fifth text fills the context.
  expect(clip.textLength(intTensor(Int32Array.from(data), shape))).toBe(77);
});

test("where texts are read at the last place, or tokens see those after them, none can be left out", () => {
  const ids = intTensor(Int32Array.of(10, 400, 20, 0), [1, 4]);
  const rows = tokenRows(ids, { contextLength: 4, vocabulary: 500 });
  expect(neededLength(rows, {})).toBe(2);
  expect(neededLength(rows, { endToken: "last" })).toBe(4);
  expect(neededLength(rows, { bidirectional: true })).toBe(4);
});

test("a text ends at the configured end token, at its first occurrence", () => {
  const config = { layers: 1, width: 8, hidden: 8, heads: 1, activation: "gelu", epsilon: 1e-5 } as const;
  const ids = intTensor(Int32Array.of(10, 400, 20, 300, 300, 10, 400, 20, 30, 40), [2, 5]);
  const text = { ...config, contextLength: 8, vocabulary: 500 };
  expect([...tokenRows(ids, { ...text, endToken: 300 }).ends.data]).toEqual([3, 0]);
  expect([...tokenRows(ids, text).ends.data]).toEqual([1, 1]);
});
