/** The model that comes with the package: made by the recipe as it stands, and as good as its card says. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseMetrics } from "../../../src/engine/train/metrics-log.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { ZOO } from "../../../src/models/locate.js";
import { type Card, cardPage } from "../../../src/recipes/clip-scenes/card.js";
import { measure, spuriousGap } from "../../../src/recipes/clip-scenes/measure.js";
import { recipeOf, SETTINGS } from "../../../src/recipes/clip-scenes/settings.js";
import { ATTRIBUTES, renderScene } from "../../../src/worlds/scenes/index.js";

const read = (name: string): Promise<string> => readFile(join(ZOO, "clip-scenes", name), "utf8");
const card = JSON.parse(await read("card.json")) as Card;

test("was made by the recipe as it stands, in the time it may take", async () => {
  expect(card.recipe).toEqual(recipeOf(SETTINGS));
  expect(card.steps).toBe(SETTINGS.steps);
  expect(card.seconds).toBeLessThan(90 * 60);
  expect(await read("README.md")).toBe(cardPage(card));
  const log = parseMetrics(await read("train.jsonl"));
  expect(log.at(-1)!.step).toBe(SETTINGS.steps);
});

test("on other scenes it is as good as the card says, by a fifth of its test", { timeout: 600_000 }, async () => {
  await using clip = await loadClip("clip-scenes");
  const encoders: Parameters<typeof measure>[0] = {
    images: (scenes) => clip.encodeImage(clip.preprocess(scenes.map((scene) => renderScene(scene, 64)))),
    texts: (texts) => clip.encodeText(texts),
  };
  const figures = await measure(encoders, 1, 0.2);
  const near = (got: number, told: number): void => {
    // Four standard errors of the smaller set, and what figures near 0 and 1 need.
    expect(Math.abs(got - told)).toBeLessThan(4 * Math.sqrt((told * (1 - told)) / 400) + 0.02);
  };
  for (const attribute of ATTRIBUTES) near(figures.test[attribute].share, card.figures.test[attribute].share);
  near(figures.retrieval.text.share, card.figures.retrieval.text.share);
  const gap = (of: Card["figures"]["groups"]): number => {
    const { average, worst } = spuriousGap(of, "amongAll");
    return average - worst;
  };
  expect(gap(card.figures.groups)).toBeGreaterThan(0.3);
  expect(Math.abs(gap(figures.groups) - gap(card.figures.groups))).toBeLessThan(0.2);
});
