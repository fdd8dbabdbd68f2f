/** Spans of heads, streamed, against TextSpan over one head's contributions at once. */
import { expect, test } from "vitest";
import { Moments } from "../../../src/engine/tensor/moments.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { decompose, expandHeads } from "../../../src/methods/decompose/decompose.js";
import { headSpans } from "../../../src/methods/decompose/head-spans.js";
import { textSpan } from "../../../src/methods/decompose/text-span.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { randomPixels, SMALL_CLIPS, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
await writeOpenClip(folder, SMALL_CLIPS["quick gelu, odd head width"]!);
const clip = await loadClip(folder);
const width = clip.parts.vision.features;
const pool = normaliseRows(floatTensor(new Random(1).centred(30 * width, 1), [30, width]));

test("of batches are those of all pictures together", async () => {
  const pixels = randomPixels(9, 21);
  const batches = await Promise.all(
    [pixels.data.subarray(0, 5 * 3 * 441), pixels.data.subarray(5 * 3 * 441)].map((data) =>
      decompose(clip, floatTensor(data, [data.length / (3 * 441), 3, 21, 21])),
    ),
  );
  const spans = await headSpans(clip, batches, pool, { count: 4, lastLayers: 2 });
  expect(spans.map(({ layer, head }) => [layer, head])).toEqual([
    [1, 0],
    [1, 1],
    [1, 2],
    [2, 0],
    [2, 1],
    [2, 2],
  ]);
  const { data } = await expandHeads(clip, await decompose(clip, pixels));
  for (const { layer, head, picks, explained } of spans) {
    const rows = Array.from({ length: 9 }, (_, picture) => {
      const start = ((picture * 3 + layer) * 3 + head) * width;
      return [...data.subarray(start, start + width)];
    });
    const whole = textSpan(Moments.of(floatTensor(Float32Array.from(rows.flat()), [9, width])), pool, { count: 4 });
    expect(picks).toEqual(whole.picks);
    expect(explained.at(-1)).toBeCloseTo(whole.explained.at(-1)!, 5);
  }
});

test("refuses more layers than there are", async () => {
  await expect(headSpans(clip, [], pool, { count: 4, lastLayers: 4 })).rejects.toThrow("from 1 to 3");
});
