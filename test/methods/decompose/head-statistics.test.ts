/** Streamed statistics of heads: against contributions in full, head by head. */
import { afterAll, describe, expect, test } from "vitest";
import { Moments } from "../../../src/engine/tensor/moments.js";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { headCells, headMaps, headRowLayout, headRows, lastLayers } from "../../../src/methods/decompose/head-rows.js";
import { headSpans } from "../../../src/methods/decompose/head-spans.js";
import { HeadStatistics, readInputs } from "../../../src/methods/decompose/head-statistics.js";
import { textSpan } from "../../../src/methods/decompose/text-span.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { allDescriptions, Random, renderScene, sampleScene } from "../../../src/worlds/scenes/index.js";
import { largestDifference } from "../../support/clips.js";

const clip = await loadClip("clip-scenes");
afterAll(() => clip.dispose());
const random = new Random(11);
const pixels = clip.preprocess(Array.from({ length: 60 }, () => renderScene(sampleScene(random), 64)));
const layout = headRowLayout(clip, lastLayers(clip, 2));
const rows = await headRows(clip, pixels, layout);
const contributions = await expandHeads(clip, await decompose(clip, pixels));
const maps = await headMaps(clip, layout);
const pool = normaliseRows(await clip.encodeText(allDescriptions().slice(0, 300)));

/** What one head contributed to each picture, [B,D], as `decompose` has it. */
function contributionsOf(layer: number, head: number): FloatTensor {
  const [pictures, layers, heads, width] = contributions.shape as [number, number, number, number];
  const out = new Float32Array(pictures * width);
  for (let b = 0; b < pictures; b++) {
    const start = ((b * layers + layer) * heads + head) * width;
    out.set(contributions.data.subarray(start, start + width), b * width);
  }
  return floatTensor(out, [pictures, width]);
}

test("a row times a head's map is the head's contribution", () => {
  expect(layout.layers).toEqual([2, 3]);
  const inputs = layout.headWidth + 3;
  for (const [i, cell] of headCells(layout).entries()) {
    const own = new Float32Array(60 * inputs);
    for (let b = 0; b < 60; b++) readInputs(rows.data, b * layout.width, layout, cell, own, b * inputs);
    const got = Float64Array.from({ length: 60 * layout.features }, (_, at) => {
      const [b, c] = [Math.floor(at / layout.features), at % layout.features];
      let sum = 0;
      for (let r = 0; r < inputs; r++) sum += own[b * inputs + r]! * maps[i]![r * layout.features + c]!;
      return sum;
    });
    expect(largestDifference(got, contributionsOf(cell.layer, cell.head).data)).toBeLessThan(1e-6);
  }
});

describe("spans of all heads", () => {
  const statistics = new HeadStatistics(layout);
  // In parts, as a stream comes.
  statistics.add(rows.data.subarray(0, 7 * layout.width));
  statistics.add(rows.data.subarray(7 * layout.width));

  test.each<[string, { count: number; rank?: number }]>([
    ["of all that the heads have", { count: 15 }],
    ["of a given rank", { count: 6, rank: 8 }],
  ])("%s are those of the contributions themselves", async (_what, options) => {
    const spans = await headSpans(clip, statistics, maps, pool, options);
    expect(spans.map(({ layer, head }) => [layer, head])).toEqual(headCells(layout).map((c) => [c.layer, c.head]));
    for (const { layer, head, ...span } of spans) {
      const expected = textSpan(Moments.of(contributionsOf(layer, head)), pool, options);
      expect(span.picks).toEqual(expected.picks);
      expect(span.rank).toBe(expected.rank);
      // Contributions are rounded to float32, with means that can be many times their deviation.
      expect(largestDifference(span.explained, expected.explained)).toBeLessThan(1e-4);
      expect(largestDifference(span.directions.data, expected.directions.data)).toBeLessThan(1e-3);
    }
  });

  test("pool, count and rank that give no span are refused", async () => {
    await expect(headSpans(clip, statistics, maps, pool, { count: 301 })).rejects.toThrow(/301 of 300/);
    await expect(headSpans(clip, statistics, maps, pool, { count: 2, rank: 0 })).rejects.toThrow(/no such rank: got 0/);
  });
});

test("layers that are not there are refused, and more than there are means all", () => {
  expect(() => lastLayers(clip, 0)).toThrow(/got 0, expected a whole number from 1/);
  expect(lastLayers(clip, 9)).toEqual([0, 1, 2, 3]);
});
