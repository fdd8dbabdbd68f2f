/** Maps of text contributions, against the model's contributions token by token. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { dotRows, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { decompose } from "../../../src/methods/decompose/decompose.js";
import { contrastMaps, headsOf, topicMap } from "../../../src/methods/interpret/analyses.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { largestDifference, randomPixels, SMALL_CLIPS, writeOpenClip } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

/** [B,L,H,N,T] = [1,2,2,3,2], values by hand: text 0 counts up, text 1 is 1 at the last patch of the last head. */
const byHand = floatTensor(
  Float32Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? i / 2 : i === 23 ? 1 : 0)),
  [1, 2, 2, 3, 2],
);

describe("topicMap", () => {
  test("leaves the class token out and adds heads up", () => {
    const one = topicMap(byHand, { picture: 0, text: 0, heads: [{ layer: 1, head: 0 }] });
    expect([...one.values]).toEqual([7, 8]);
    expect(one.range).toEqual({ min: 7, max: 8 });
    expect([...topicMap(byHand, { picture: 0, text: 0 }).values]).toEqual([1 + 4 + 7 + 10, 2 + 5 + 8 + 11]);
  });

  test("over all heads is what the tokens contribute to the text", async () => {
    const folder = scratchFolder();
    await writeOpenClip(folder, SMALL_CLIPS["quick gelu, odd head width"]!);
    const clip = await loadClip(folder);
    const width = clip.parts.vision.features;
    const texts = normaliseRows(floatTensor(new Random(2).centred(2 * width, 1), [2, width]));
    const found = await decompose(clip, randomPixels(2, 21), { texts, tokens: true });
    const byToken = dotRows(found.token_contributions!, texts);
    const [, layers, tokens] = byToken.shape as [number, number, number];
    for (const [picture, text] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const expected = Array.from({ length: tokens - 1 }, (_, i) => {
        const at = (layer: number): number => byToken.data[((picture * layers + layer) * tokens + i + 1) * 2 + text]!;
        return Array.from({ length: layers }, (__, layer) => at(layer)).reduce((a, b) => a + b, 0);
      });
      expect(largestDifference(topicMap(found.text_maps!, { picture, text }).values, expected)).toBeLessThan(1e-6);
    }
  });

  test.each([
    [{ picture: 1, text: 0 }, "picture 1"],
    [{ picture: 0, text: 2 }, "text 2"],
    [{ picture: 0, text: 0, heads: [{ layer: 0, head: 2 }] }, "L0.H2"],
    [{ picture: 0, text: 0, heads: [] }, "no heads"],
  ])("refuses %j", (options, says) => {
    expect(() => topicMap(byHand, options)).toThrow(says);
  });
});

describe("contrastMaps", () => {
  test("subtracts each text from the other over all heads, on one scale", () => {
    const [first, second] = contrastMaps(byHand, { picture: 0, texts: [0, 1] });
    expect([...first.values]).toEqual([22, 25]);
    expect([...second.values]).toEqual([-22, -25]);
    expect(first.range).toEqual({ min: -25, max: 25 });
    expect(second.range).toEqual(first.range);
    // The scale never ends below 0, also where the first text is seen nowhere.
    expect(contrastMaps(byHand, { picture: 0, texts: [1, 0] })[0].range).toEqual({ min: -25, max: 0 });
  });

  test("as the published tool has it reads the last head alone", () => {
    const heads = [{ layer: 0, head: 0 }];
    const [first] = contrastMaps(byHand, { picture: 0, texts: [0, 1], heads, referenceBug: true });
    expect([...first.values]).toEqual([10, 10]);
    const [meant] = contrastMaps(byHand, { picture: 0, texts: [0, 1], heads });
    expect([...meant.values]).toEqual([1, 2]);
  });
});

test("headsOf finds the heads of a label, or says which labels there are", () => {
  const head = { margin: 1, share: 1, texts: [] };
  const heads = [
    { ...head, layer: 2, head: 0, label: "shape" },
    { ...head, layer: 3, head: 0, label: "colour" },
    { ...head, layer: 3, head: 1, label: "shape" },
    { ...head, layer: 3, head: 2, label: undefined },
  ];
  expect(headsOf(heads, "shape").map(({ layer }) => layer)).toEqual([2, 3]);
  expect(() => headsOf(heads, "size")).toThrow(/"size".*colour, shape/);
  expect(() => headsOf([], "size")).toThrow("none is");
});
