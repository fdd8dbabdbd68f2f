/** A very short run of `ign-glyphs`, ended in the middle and gone on with. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodePng } from "../../../src/engine/media/encode.js";
import { openCheckpoint } from "../../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { picturesOfPixels } from "../../../src/models/idempotent/pixels.js";
import { GLYPHS, SETTINGS } from "../../../src/recipes/ign-glyphs/settings.js";
import type { Card } from "../../../src/recipes/idempotent/card.js";
import { buildGenerator, type GeneratorRecipe } from "../../../src/recipes/idempotent/build.js";
import type { RecipeOptions, RecipeResult } from "../../../src/recipes/recipe.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const RECIPE: GeneratorRecipe = {
  settings: { ...SETTINGS, architecture: { ...SETTINGS.architecture, width: 4 }, batch: 16 },
  world: GLYPHS,
  words: { title: "A test", caveat: "It knows nothing.", questions: ["classes"] },
};
const STEPS = 8;

const build = (name: string, options: Partial<RecipeOptions> = {}): Promise<RecipeResult> =>
  buildGenerator(RECIPE, { folder: join(folder, name), steps: STEPS, ...options });

test("a run that was ended while it settled goes on, and ends with the same bits", { timeout: 300_000 }, async () => {
  const ending = new AbortController();
  const stopped = await build("ended", {
    signal: ending.signal,
    onProgress: ({ step }) => {
      if (step === 7) ending.abort();
    },
  });
  expect(stopped).toMatchObject({ stopped: true, step: 7, steps: STEPS });
  expect(existsSync(join(folder, "ended", "model"))).toBe(false);
  const [resumed, straight] = [await build("ended"), await build("straight")];
  expect(resumed.stopped).toBe(false);
  const bytes = ({ model }: RecipeResult): Buffer => readFileSync(join(model!, "model.safetensors"));
  expect(bytes(resumed).equals(bytes(straight))).toBe(true);

  const card = straight.card as Card;
  expect(card.steps).toBe(STEPS);
  expect(card.modes.map(({ ratios }) => ratios.length)).toEqual([5, 5, 5]);
  expect(Object.keys(card.figures.projections)).toEqual(["noise", "blur", "mask", "sketch"]);
  const page = readFileSync(join(straight.model!, "README.md"), "utf8");
  expect(page).toContain("| **this model**, single pictures |");
  expect(page).not.toMatch(/undefined|NaN/);
  const checkpoint = await openCheckpoint(join(straight.model!, "model.safetensors"));
  expect(Number(checkpoint.metadata["drift_median"])).toBeGreaterThan(0);
  expect(readStored(checkpoint.get("bank.settled.up.0.variance")).shape).toEqual([8]);
});

test(
  "own pictures without classes are trained on, and are not mixed up with others",
  { timeout: 300_000 },
  async () => {
    const data = join(folder, "own");
    mkdirSync(data);
    const pictures = picturesOfPixels(GLYPHS.rows(1, 0, 110).pixels);
    for (const [i, picture] of pictures.entries()) writeFileSync(join(data, `${i}.png`), await encodePng(picture));
    writeFileSync(join(data, "broken.png"), "no picture");
    const notices: string[] = [];
    const options = { data, steps: 4, onNotice: (text: string) => notices.push(text) };
    const { model, card } = await build("own-run", options);
    expect(notices[0]).toMatch(/^left out: .*broken\.png/);
    expect((card as Card).recipe["data"]).toEqual(expect.any(String));
    expect((card as Card).figures.reconstruction.count).toBe(11);
    const page = readFileSync(join(model!, "README.md"), "utf8");
    expect(page).toContain("it tells which way up they are");
    expect(page).not.toMatch(/undefined|NaN|told right/);
    // The same folder of a run belongs to the same pictures.
    writeFileSync(join(data, "0.png"), await encodePng(pictures[1]!));
    await expect(build("own-run", options)).rejects.toThrow("started with another recipe");
  },
);
