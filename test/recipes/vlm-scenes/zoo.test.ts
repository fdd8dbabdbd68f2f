/** The model that comes with the package: made by the recipe as it stands, and as good as its card says. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseMetrics } from "../../../src/engine/train/metrics-log.js";
import { ZOO } from "../../../src/models/locate.js";
import { type Card, cardPage, figuresOf } from "../../../src/recipes/vlm-scenes/card.js";
import { recipeOf, SETTINGS, STAGES, stepsOf } from "../../../src/recipes/vlm-scenes/settings.js";

const folder = join(ZOO, "vlm-scenes");
const read = (name: string): Promise<string> => readFile(join(folder, name), "utf8");
const card = JSON.parse(await read("card.json")) as Card;

test("was made by the recipe as it stands", async () => {
  expect(card.recipe).toEqual(recipeOf(SETTINGS));
  expect(card.steps).toBe(stepsOf(SETTINGS));
  expect(await read("README.md")).toBe(cardPage(card));
  for (const stage of STAGES) {
    expect(parseMetrics(await read(`train-${stage}.jsonl`)).at(-1)!.step).toBe(SETTINGS[stage].steps);
  }
  expect((await stat(join(folder, "model.safetensors"))).size).toBeLessThan(12e6);
  expect((JSON.parse(await read("config.json")) as { erase: unknown }).erase).toEqual(card.erase);
});

test("on other scenes it is as good as the card says", async () => {
  const { independent, partners } = await figuresOf(folder, 1, 60);
  const { recall, chairI } = card.independent;
  // Four standard errors of some 140 things, and what is said of one scene hangs together.
  expect(Math.abs(independent.recall.value - recall.value)).toBeLessThan(0.2);
  expect(Math.abs(independent.chairI.value - chairI.value)).toBeLessThan(0.2);
  expect(partners.length).toBe(card.partners.length);
});
