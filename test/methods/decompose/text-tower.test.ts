/** The decomposition of texts: against features of the reference, against plain loops, and by its own sums. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { dotRows, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor, intTensor, type Tensor } from "../../../src/engine/tensor/tensor.js";
import { largestRemainder } from "../../../src/methods/decompose/attribution.js";
import {
  decomposeText,
  expandTextHeads,
  type TextDecomposition,
} from "../../../src/methods/decompose/decompose-text.js";
import { evaluateWords } from "../../../src/methods/decompose/evaluate-words.js";
import { headTotals, wordAttributions, wordTotals } from "../../../src/methods/decompose/words.js";
import type { Clip } from "../../../src/models/clip/clip.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { untrainedLike } from "../../../src/models/clip/untrained.js";
import { largestDifference, naiveWeights, readAll, SMALL_CLIPS, writeOpenClip } from "../../support/clips.js";
import { naiveTextDecomposition } from "../../support/naive-clip.js";
import { GOLDEN } from "../../support/paths.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const scenes = await loadClip("clip-scenes");
const TEXTS = ["a red heart", "two small striped fish at the bottom in the sea", "", "a mushroom"];

/** Sums of tokens and MLPs over the normalised features. */
function tokenRemainder({ text_features, token_contributions, mlp_contributions }: TextDecomposition): number {
  const [batch, width] = text_features.shape as [number, number];
  const unit = normaliseRows(text_features).data;
  const sums = new Float64Array(batch * width);
  for (const { data } of [token_contributions!, mlp_contributions]) {
    data.forEach((value, i) => (sums[Math.floor((i * batch) / data.length) * width + (i % width)]! += value));
  }
  return largestDifference(sums, unit);
}

describe("sums equal wholes", () => {
  test("on golden/clip-a, whose text features are the reference's", async () => {
    await using clip = await loadClip(join(GOLDEN, "clip-a"));
    const expected = await readAll(join(GOLDEN, "clip-a/expected.safetensors"));
    const ids = expected.get("tokens")!;
    const tokens = intTensor(Int32Array.from(ids.data), ids.shape);
    const result = await decomposeText(clip, tokens, { tokens: true });
    const features = expected.get("text_features")!;
    const size = Math.max(...features.data.map(Math.abs));
    expect(largestDifference(result.text_features.data, features.data) / size).toBeLessThan(1e-5);
    expect(largestRemainder(await expandTextHeads(clip, result), result)).toBeLessThan(1e-6);
    expect(tokenRemainder(result)).toBeLessThan(1e-6);
    expect(result.ends.shape).toEqual([
      (JSON.parse(readFileSync(join(GOLDEN, "clip-a/texts.json"), "utf8")) as []).length,
    ]);
  });

  test("on clip-scenes, and reading them changes no bit of the features", async () => {
    const result = await decomposeText(scenes, TEXTS, { tokens: true });
    expect(largestRemainder(await expandTextHeads(scenes, result), result)).toBeLessThan(1e-5);
    expect(tokenRemainder(result)).toBeLessThan(1e-5);
    expect(result.text_features.data).toEqual((await scenes.encodeText(TEXTS)).data);
  });
});

describe.each(["gelu", "quick_gelu"] as const)("against plain loops in float64, %s", async (activation) => {
  const folder = join(scratchFolder(), activation);
  const { architecture } = SMALL_CLIPS["plain"]!;
  await writeOpenClip(folder, { architecture, activation });
  const clip = await loadClip(folder);
  const weights = naiveWeights(await readAll(folder));
  const length = 7;
  const vocabulary = clip.parts.text!.vocabulary;
  const rows = [
    [vocabulary - 2, 5, 100, 33, vocabulary - 1, 0, 0],
    [vocabulary - 2, vocabulary - 1, 9, 9, 9, 9, 9],
    [vocabulary - 2, 8, 8, 200, 300, 1, vocabulary - 1],
  ];
  const ids: Tensor<"int32"> = intTensor(Int32Array.from(rows.flat()), [rows.length, length]);
  const result = await decomposeText(clip, ids, { tokens: true });
  const heads = await expandTextHeads(clip, result);
  const naive = rows.map((row) =>
    naiveTextDecomposition(row.slice(0, row.indexOf(vocabulary - 1) + 1), weights, {
      heads: architecture.text.heads,
      activation,
    }),
  );
  const part = ({ data, shape }: FloatTensor, row: number): Float32Array => {
    const size = data.length / shape[0]!;
    return data.subarray(row * size, (row + 1) * size);
  };

  test("features, heads, MLPs", () => {
    for (const [row, one] of naive.entries()) {
      const size = Math.max(...one.features.map(Math.abs));
      expect(largestDifference(part(result.text_features, row), one.features) / size).toBeLessThan(1e-5);
      expect(largestDifference(part(heads, row), one.heads.flat(2))).toBeLessThan(2e-6);
      expect(largestDifference(part(result.mlp_contributions, row), one.mlps.flat())).toBeLessThan(2e-6);
    }
  });

  test("tokens up to the end, and nothing of those after it", () => {
    const [, layers, context, width] = result.token_contributions!.shape as [number, number, number, number];
    for (const [row, one] of naive.entries()) {
      const own = part(result.token_contributions!, row);
      const count = one.tokens[0]!.length;
      for (let layer = 0; layer < layers; layer++) {
        const ofLayer = own.subarray(layer * context * width, (layer + 1) * context * width);
        expect(largestDifference(ofLayer.subarray(0, count * width), one.tokens[layer]!.flat())).toBeLessThan(2e-6);
        expect(Math.max(...ofLayer.subarray(count * width).map(Math.abs), 0)).toBe(0);
      }
    }
  });
});

describe("words", () => {
  const other = TEXTS[3]!;
  const directions = async (): Promise<FloatTensor> => normaliseRows(await scenes.encodeText([other, TEXTS[1]!]));
  const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

  test("add up, with MLPs, to cosines: with others, and to 1 with themselves", async () => {
    const along = await directions();
    const found = await wordAttributions(scenes, TEXTS, along);
    const cosines = dotRows(normaliseRows(await scenes.encodeText(TEXTS)), along).data;
    for (const [i, attribution] of found.flat().entries()) {
      expect(attribution.cosine).toBeCloseTo(cosines[i]!, 5);
      expect(sum(wordTotals(attribution)) + sum(attribution.mlps)).toBeCloseTo(cosines[i]!, 5);
      expect(sum(headTotals(attribution).data)).toBeCloseTo(sum(attribution.cells.data), 5);
    }
    for (const [attribution] of await wordAttributions(scenes, TEXTS, "own")) {
      expect(attribution!.cosine).toBeCloseTo(1, 5);
      expect(sum(attribution!.cells.data) + sum(attribution!.mlps)).toBeCloseTo(1, 5);
    }
  });

  test("have the tokens that make them up, a word of several together", async () => {
    const one = (await wordAttributions(scenes, ["A  RED, zeppelin"], "own"))[0]![0]!;
    const { maps, count } = await tokenMaps(scenes, "a red, zeppelin");
    const words = one.sources;
    expect(words.map(({ kind }) => kind)).toEqual(["start", "word", "word", "word", "end"]);
    expect(words.map(({ word }) => word)).toEqual(["", "a", "red,", "zeppelin", ""]);
    expect(words.at(-1)!.tokens).toEqual([count - 1, count]);
    words.slice(1).forEach(({ tokens }, i) => {
      expect(tokens[0]).toBe(words[i]!.tokens[1]);
    });
    const [from, to] = words[3]!.tokens;
    expect(to - from).toBeGreaterThan(1);
    const perHead = one.cells.data.filter((_, i) => i % 5 === 3);
    perHead.forEach((value, head) => {
      expect(value).toBeCloseTo(
        sum(maps.subarray((head * maps.length) / perHead.length + from, (head * maps.length) / perHead.length + to)),
        6,
      );
    });
  });

  /** [L·H·N] of one text with itself, and its number of tokens. */
  async function tokenMaps(clip: Clip, text: string): Promise<{ maps: Float32Array; count: number }> {
    const { text_maps, ends } = await decomposeText(clip, [text], { texts: "own" });
    return { maps: text_maps!.data, count: ends.data[0]! + 1 };
  }
});

test.each(["colour", "shape"] as const)(
  "when a picture's %s changes, the word for it falls most",
  async (attribute) => {
    // Other pairs than those that docs/decompose.md reports.
    const { fall, word, otherWord, mlps, most, chance } = await evaluateWords(scenes, attribute, {
      pairs: 40,
      seed: 7,
    });
    expect(chance).toBe(0.5);
    expect(most.low).toBeGreaterThan(0.65);
    expect(word.low).toBeGreaterThan(otherWord.high);
    // Articles, ends and the stream's start have the rest, which is little.
    expect(Math.abs(fall.value - word.value - otherWord.value - mlps.value)).toBeLessThan(0.2 * fall.value);
    const folder = join(scratchFolder(), attribute);
    await using untrained = await untrainedLike(scenes, { folder, seed: 1 });
    const control = await evaluateWords(untrained, attribute, { pairs: 40, seed: 7 });
    expect(control.most.low).toBeLessThan(0.5);
  },
);

test("edits: what heads write is decomposed as edited, what no part writes is refused", async () => {
  await using silent = scenes.edit({ "text.blocks.1.attn.z": (z) => mul(z, 0) });
  const result = await decomposeText(silent, TEXTS);
  expect(largestRemainder(await expandTextHeads(silent, result), result)).toBeLessThan(1e-5);
  await using moved = scenes.edit({ "text.blocks.0.resid_post": (x) => add(x, 1) });
  await expect(decomposeText(moved, TEXTS)).rejects.toMatchObject({ code: "unattributable-edit" });
  await expect(
    decomposeText(silent, TEXTS, { texts: floatTensor(new Float32Array(128), [1, 128]) }),
  ).rejects.toMatchObject({
    code: "unattributable-edit",
  });
});
