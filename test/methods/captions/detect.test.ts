import { afterAll, beforeAll, expect, test } from "vitest";
import { sayWithout } from "../../../src/methods/captions/caption.js";
import { drawScenes, promptsOf, SCENE_WORDS } from "../../../src/methods/captions/described-scenes.js";
import { sayAndErase } from "../../../src/methods/captions/detect.js";
import { distinctWords } from "../../../src/methods/captions/object-words.js";
import { stands } from "../../../src/methods/captions/stands.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import type { PicturePrompt, VisionLanguageModel } from "../../../src/models/vlm/vision-language-model.js";

const SETTINGS = { layer: -1, textLayer: 0, alpha: 1 };
let model: VisionLanguageModel;
let prompts: PicturePrompt[];

beforeAll(async () => {
  model = await loadVlm("vlm-scenes");
  prompts = await promptsOf(model, drawScenes(77, 12, { combinations: "seen" }));
});

afterAll(() => model.dispose());

test("what is erased stays erased only where fewer doubted things are named then, and no more in all", async () => {
  const count = { undone: 0, changed: 0 };
  for (const prompt of prompts) {
    // All that is named is doubted.
    const { before, erased, after, undone } = await sayAndErase(model, prompt, SCENE_WORDS, {
      ...SETTINGS,
      threshold: 1,
    });
    const mentions = (text: string): number => SCENE_WORDS.mentions(text).length;
    expect(erased).toEqual(distinctWords(SCENE_WORDS.mentions(before.text)));
    const without = await sayWithout(model, prompt, erased, SETTINGS);
    const isBetter = mentions(without.text) < mentions(before.text);
    expect([after.text, undone?.text]).toEqual(isBetter ? [without.text, undefined] : [before.text, without.text]);
    count[isBetter ? "changed" : "undone"]++;
  }
  expect(Math.min(count.undone, count.changed)).toBeGreaterThan(0);
});

test("where all is believed, nothing is erased", async () => {
  const { before, erased, after, undone } = await sayAndErase(model, prompts[0]!, SCENE_WORDS, {
    ...SETTINGS,
    threshold: 0,
  });
  expect([erased, undone]).toEqual([[], undefined]);
  expect(after).toBe(before);
});

test.each<[string, number[], number[], boolean]>([
  ["one fewer is doubted", [0.9, 0.1], [0.9], true],
  ["another is doubted instead", [0.9, 0.1], [0.9, 0.2], false],
  ["what was doubted is said twice", [0.9, 0.1], [0.9, 0.1, 0.1], false],
  ["nothing is doubted, and more is named", [0.9, 0.1], [0.9, 0.8, 0.7], false],
  ["nothing is named", [0.1], [], true],
])("%s: whether the new caption stands", (_, before, after, expected) => {
  expect(stands(before, after, 0.5)).toBe(expected);
});
