/** Searches in head coordinates, against the contributions themselves in the model's full width. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { type Combine, HeadSpace } from "../../../src/methods/decompose/head-space.js";
import { nearestRows, SIMILARITIES, type Similarity } from "../../../src/methods/decompose/retrieval.js";
import type { HeadPlace } from "../../../src/models/clip/head-place.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { randomPixels, SMALL_CLIPS, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
await writeOpenClip(folder, SMALL_CLIPS["quick gelu, odd head width"]!, true);
const clip = await loadClip(folder);
const stored = await decompose(clip, randomPixels(7, 21));
const full = await expandHeads(clip, stored);
const [pictures, , perLayer, width] = full.shape as [number, number, number, number];
const text = new Random(8).centred(width, 1);

const contribution = (picture: number, { layer, head }: HeadPlace): number[] => {
  const start = ((picture * full.shape[1]! + layer) * perLayer + head) * width;
  return [...full.data.subarray(start, start + width)];
};
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
const length = (a: readonly number[]): number => Math.sqrt(dot(a, a));
const vectorOf = (picture: number, heads: readonly HeadPlace[], combine: Combine): number[] => {
  const all = heads.map((head) => contribution(picture, head));
  return combine === "each" ? all.flat() : all[0]!.map((_, i) => all.reduce((sum, c) => sum + c[i]!, 0) / all.length);
};

/** As the definitions say it, over vectors in full. */
function scoresInFull(query: number[], isText: boolean, rows: number[][], similarity: Similarity): number[] {
  if (similarity === "raw") return rows.map((row) => dot(row, query));
  const mean = rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length);
  const less = (row: number[]): number[] => (similarity === "centred" ? row.map((x, i) => x - mean[i]!) : row);
  const left = isText ? query : less(query);
  return rows.map((row) => dot(less(row), left) / (length(less(row)) * length(left)));
}

const ONE = [{ layer: 2, head: 1 }];
const THREE = [
  { layer: 0, head: 2 },
  { layer: 2, head: 0 },
  { layer: 2, head: 1 },
];
const CASES: readonly (readonly [string, readonly HeadPlace[], Combine])[] = [
  ["one head", ONE, "each"],
  ["three heads side by side", THREE, "each"],
  ["the mean of three heads", THREE, "mean"],
];

describe.each(CASES)("%s", (_, heads, combine) => {
  test.each(SIMILARITIES)("is searched by image and by text, %s", async (similarity) => {
    const space = await HeadSpace.of(clip, heads, combine);
    const rows = space.rows(stored);
    const inFull = Array.from({ length: pictures }, (__, picture) => vectorOf(picture, heads, combine));
    const query = inFull[3]!;
    const repeated = combine === "each" ? heads.flatMap(() => [...text]) : [...text];
    for (const [found, expected] of [
      [space.imageQuery(rows, 3), scoresInFull(query, false, inFull, similarity)],
      [space.textQuery(text), scoresInFull(repeated, true, inFull, similarity)],
    ] as const) {
      const neighbours = nearestRows(found, rows, { similarity, top: pictures });
      const order = expected.map((__, i) => i).sort((a, b) => expected[b]! - expected[a]!);
      expect(neighbours.map(({ index }) => index)).toEqual(order);
      for (const { index, score } of neighbours) expect(score).toBeCloseTo(expected[index]!, 5);
    }
  });
});

test("keeps d + 3 numbers of a head", async () => {
  const { width: kept } = await HeadSpace.of(clip, ONE);
  expect(kept).toBe(14 + 3);
});

test("finds nothing alike in a single picture without its mean, and nothing at all among none", async () => {
  const space = await HeadSpace.of(clip, ONE);
  const rows = space.rows(stored);
  const first: FloatTensor = floatTensor(rows.data.subarray(0, space.width), [1, space.width]);
  const query = space.imageQuery(rows, 3);
  expect(nearestRows(query, first, { similarity: "centred", top: 4 })).toEqual([{ index: 0, score: 0 }]);
  const none = floatTensor(new Float32Array(0), [0, space.width]);
  expect(() => nearestRows(query, none, { similarity: "raw", top: 1 })).toThrow("nothing to search");
});

test.each([
  [[{ layer: 3, head: 0 }], "L3.H0"],
  [[{ layer: 0, head: 3 }], "L0.H3"],
  [[...ONE, ...ONE], "L2.H1 twice"],
  [[], "no heads"],
])("refuses heads %j", async (heads, says) => {
  await expect(HeadSpace.of(clip, heads)).rejects.toThrow(says);
});
