import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { beliefs, wordTokens } from "../../../src/methods/captions/confidence.js";
import { Eraser, type EraseSettings, wordDirections } from "../../../src/methods/captions/erase.js";
import { imageLens, lensWords } from "../../../src/methods/captions/lens.js";
import { generate } from "../../../src/models/language/generate.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { largestDifference, randomPixels } from "../../support/clips.js";
import { LANGUAGE, naiveLlava, naiveWords, TOWER, writeLlava } from "../../support/llavas.js";
import type { Matrix } from "../../support/naive-clip.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const written = await writeLlava(join(scratchFolder(), "llava"), "hugging-face");
const model = await loadVlm(written.folder);
afterAll(() => model.dispose());
const pixels = randomPixels(1, TOWER.architecture.vision.imageSize);
const prompt = model.prompt(await model.see(pixels), "", "a<image>b");
const { tokenizer } = model.parts;
const before = [512, ...tokenizer.encode("a")];
const after = tokenizer.encode("b");
const at = before.length;
const PLACES = 16;
const { layers, width, vocabulary } = LANGUAGE;
const head = written.language.get("lm_head.weight")!.data;
const gamma = written.language.get("model.norm.weight")!.data;

const states = naiveLlava(written, pixels, before, after).streams.map((stream) => stream.slice(at, at + PLACES));
const normed = (row: number[]): number[] => {
  const scale = 1 / Math.sqrt(row.reduce((sum, v) => sum + v * v, 0) / row.length + 1e-5);
  return row.map((v, i) => v * scale * gamma[i]!);
};
const logits = (row: number[]): number[] =>
  Array.from({ length: vocabulary }, (_, v) => row.reduce((sum, x, i) => sum + x * head[v * width + i]!, 0));
function softmax(values: number[]): number[] {
  const top = Math.max(...values);
  const shares = values.map((value) => Math.exp(value - top));
  const total = shares.reduce((a, b) => a + b, 0);
  return shares.map((share) => share / total);
}
function topShares(values: number[], kept: number): number[] {
  const least = [...values].sort((a, b) => b - a)[kept - 1]!;
  return softmax(values.map((value) => (value >= least ? value : -Infinity)));
}

/** [L+1][P][V] */
function naiveLens(norm: "none" | "final", shares: (values: number[]) => number[]): number[][][] {
  return states.map((rows, i) =>
    rows.map((row) => shares(logits(i === layers || norm === "final" ? normed(row) : row))),
  );
}

describe("the lens", () => {
  const tokens = [3, 77, 300, 519];
  test.each([
    ["none", "plain", softmax],
    ["final", "plain", softmax],
    ["none", "top-50", (values: number[]) => topShares(values, 50)],
  ] as const)("norm %s, softmax %s: probabilities of wanted tokens at image tokens", async (norm, kind, shares) => {
    const found = await imageLens(model, prompt, tokens, { norm, softmax: kind });
    const wanted = naiveLens(norm, shares).flatMap((rows) => rows.flatMap((row) => tokens.map((token) => row[token]!)));
    expect(found.shape).toEqual([layers + 1, PLACES, tokens.length]);
    expect(largestDifference(found.data, wanted)).toBeLessThan(1e-5);
    if (kind === "top-50") expect(wanted.some((share) => share === 0)).toBe(true);
  });

  test("the likeliest words", async () => {
    const { tokens: found, probabilities } = await lensWords(model, prompt, 3);
    const lens = naiveLens("none", softmax);
    for (const [i, token] of found.entries()) {
      const row = lens[Math.floor(i / 3 / PLACES)]![Math.floor(i / 3) % PLACES]!;
      const best = [...row].sort((a, b) => b - a)[i % 3]!;
      expect(probabilities.data[i]!).toBeCloseTo(best, 5);
      expect(row[token]!).toBeCloseTo(best, 5);
    }
  });

  test("tokens that are none are refused", async () => {
    await expect(imageLens(model, prompt, [vocabulary])).rejects.toThrow(/520.*0 to 519/);
    await expect(imageLens(model, prompt, [])).rejects.toThrow(/got none/);
  });
});

test("belief in a word is the largest probability of its tokens, with its place and map", async () => {
  const [x, y] = await beliefs(model, prompt, ["x", "y"]);
  const lens = naiveLens("none", softmax);
  for (const found of [x!, y!]) {
    const [token] = found.tokens as [number];
    const map = Array.from({ length: PLACES }, (_, place) => Math.max(...lens.map((rows) => rows[place]![token]!)));
    expect(largestDifference(found.map.data, map)).toBeLessThan(1e-5);
    expect(found.confidence).toBeCloseTo(Math.max(...map), 5);
    expect(lens[found.layer]![found.place]![token]!).toBeCloseTo(found.confidence, 5);
    expect(
      largestDifference(
        found.byLayer,
        lens.map((rows) => Math.max(...rows.map((row) => row[token]!))),
      ),
    ).toBeLessThan(1e-5);
  }
  const [first] = await beliefs(model, prompt, ["x"], { lastLayer: 0 });
  expect(first!.layer).toBe(0);
  expect(first!.confidence).toBe(x!.byLayer[0]);
  expect(
    largestDifference(
      first!.map.data,
      lens[0]!.map((row) => row[x!.tokens[0]!]!),
    ),
  ).toBeLessThan(1e-5);
  expect(() => wordTokens(model, "elephant")).toThrow(/no token for this word.*"elephant"/);
  expect(() => wordTokens(model, " ")).toThrow(/no token/);
});

describe("erasing", () => {
  const settings: EraseSettings = { layer: 1, textLayer: 2, alpha: 1.5 };
  const room = { places: prompt.length + 2, sequences: 1 };
  const words = ["x", "y", "z"];
  const directionOf = (word: string): number[] =>
    naiveWords(written.language, [512, ...tokenizer.encode(word)]).streams[settings.textLayer]!.at(-1)!;
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
  const away = (x: number[], t: number[], alpha: number): number[] => {
    const part = Math.max(0, dot(x, t) / dot(t, t));
    return x.map((value, i) => value - alpha * part * t[i]!);
  };
  const edited = (change: (row: number[]) => number[]) =>
    naiveLlava(written, pixels, before, after, (layer, stream: Matrix) =>
      layer === settings.layer
        ? stream.map((row, place) => (place >= at && place < at + PLACES ? change(row) : row))
        : stream,
    ).logits.at(-1)!;

  test("directions are the states of words' last tokens", async () => {
    for (const textLayer of [0, 1, layers]) {
      const { data } = await wordDirections(model, ["x"], textLayer);
      const { streams } = naiveWords(written.language, [512, ...tokenizer.encode("x")]);
      const last = streams[textLayer]!.at(-1)!;
      expect(largestDifference(data, textLayer === layers ? normed(last) : last), `layer ${textLayer}`).toBeLessThan(
        1e-4,
      );
    }
    const { data } = await wordDirections(model, ["x"], -1);
    const [token] = tokenizer.encode("x") as [number];
    const table = written.language.get("model.embed_tokens.weight")!.data;
    expect(largestDifference(data, table.subarray(token * width, (token + 1) * width))).toBe(0);
  });

  test("sequentially, what follows is what the formulas give, and the order counts", async () => {
    const directions = await wordDirections(model, words, settings.textLayer);
    const eraser = await Eraser.at(model, prompt, settings.layer);
    const { logits: found, cache } = await eraser.start(directions, settings, room);
    const wanted = edited((row) => words.reduce((x, word) => away(x, directionOf(word), settings.alpha), row));
    expect(largestDifference(found.data, wanted)).toBeLessThan(1e-4);
    const turned = await wordDirections(model, [...words].reverse(), settings.textLayer);
    const other = await eraser.start(turned, settings, room);
    expect(largestDifference(found.data, [...other.logits.data])).toBeGreaterThan(1e-4);
    const { tokens } = await generate(model.language, { logits: found, cache }, { maxTokens: 2 });
    expect(tokens.length).toBeLessThanOrEqual(2);
  });

  test("jointly, one word is as sequentially, and the order does not count", async () => {
    const eraser = await Eraser.at(model, prompt, settings.layer);
    const joint = { ...settings, projection: "joint" as const };
    const one = await wordDirections(model, ["x"], settings.textLayer);
    const alone = await eraser.start(one, joint, room);
    expect(
      largestDifference(alone.logits.data, [...(await eraser.start(one, settings, room)).logits.data]),
    ).toBeLessThan(1e-4);
    const [there, back] = await Promise.all(
      [words, [...words].reverse()].map(async (list) =>
        eraser.start(await wordDirections(model, list, settings.textLayer), joint, room),
      ),
    );
    expect(largestDifference(there!.logits.data, [...back!.logits.data])).toBeLessThan(1e-4);
  });

  test("nothing erased changes nothing, and layers that are not there are refused", async () => {
    const plain = await model.language.start(prompt, { places: prompt.length });
    const eraser = await Eraser.at(model, prompt, -1);
    const directions = await wordDirections(model, words, -1);
    const none = await eraser.start(directions, { alpha: 0 }, room);
    expect(none.logits.data).toEqual(plain.logits.data);
    await expect(Eraser.at(model, prompt, layers - 1)).rejects.toThrow(
      /nothing can be erased after this block.*to 1, the last/,
    );
    await expect(wordDirections(model, ["x"], layers + 1)).rejects.toThrow(/no such text layer/);
  });
});
