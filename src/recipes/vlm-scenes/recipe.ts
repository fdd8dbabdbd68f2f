/** `vitrine train vlm-scenes`: trains, chooses what erasing needs, writes the checkpoint and its card. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { chooseLastLayer } from "../../methods/captions/choose-belief.js";
import { chooseErasure } from "../../methods/captions/choose-erasure.js";
import { type DescribedScene, describeScenes, drawScenes } from "../../methods/captions/described-scenes.js";
import { loadClip } from "../../models/clip/load.js";
import { loadVlm } from "../../models/vlm/load.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import type { Scene } from "../../worlds/scenes/index.js";
import { VERSION } from "../../version.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { type Card, cardPage, figuresOf } from "./card.js";
import { writeCaptioner } from "./export.js";
import { recipeOf, SETTINGS, STAGES, stepsOf, TOWER, withSteps } from "./settings.js";
import { sizesOf, trainCaptioner } from "./train.js";

/** Runs of fewer steps than this are trials: their card is of fewer scenes. */
const FULL_RUN = 500;
const MEASURED = 500;
const CHOSEN_ON = 400;
const TRIAL = 12;

export async function run(options: RecipeOptions): Promise<RecipeResult> {
  const { folder, steps = stepsOf(SETTINGS), seed = SETTINGS.seed, onNotice } = options;
  const settings = withSteps({ ...SETTINGS, seed }, steps);
  await using tower = await loadClip(TOWER);
  const sizes = sizesOf(tower);
  const { parameters, ...result } = await trainCaptioner(tower, settings, options);
  if (result.stopped) return { stopped: true, step: result.step, steps: stepsOf(settings) };
  const model = join(folder, "model");
  const about = `vitrine train vlm-scenes, seed ${seed}, ${steps} steps`;
  await writeCaptioner(model, parameters, sizes, about);
  onNotice?.("choosing where to erase");
  const count = (full: number): number => (steps < FULL_RUN ? TRIAL : full);
  const scenes = chosenOn(seed, count(CHOSEN_ON));
  const belief = await chosen(model, scenes, (_, described) => chooseLastLayer(described));
  await writeCaptioner(model, parameters, sizes, about, { belief: { lastLayer: belief.lastLayer } });
  const erase = await chosen(model, scenes, (...on) => chooseErasure(...on, onNotice));
  await writeCaptioner(model, parameters, sizes, about, { belief: { lastLayer: belief.lastLayer }, erase });
  onNotice?.("measuring the model");
  const card: Card = {
    name: "vlm-scenes",
    version: VERSION,
    recipe: recipeOf(settings),
    steps: result.step,
    seconds: Math.round(result.seconds),
    parameters: parameters.names.reduce((sum, name) => sum + parameters.tensor(name).data.length, 0),
    belief,
    erase,
    ...(await figuresOf(model, seed, count(MEASURED))),
  };
  await writeWhole(join(model, "card.json"), JSON.stringify(card, null, 1) + "\n");
  await writeWhole(join(model, "README.md"), cardPage(card));
  for (const stage of STAGES) {
    for (const [from, to] of [
      ["metrics.jsonl", `train-${stage}.jsonl`],
      ["loss.svg", `loss-${stage}.svg`],
    ] as const) {
      await writeWhole(join(model, to), await readFile(join(folder, stage, from), "utf8"));
    }
  }
  return { stopped: false, step: result.step, steps: stepsOf(settings), model, card };
}

/**
 * Scenes that neither training nor any report sees, without the correlation of training: where what goes together is together, habits are
 * mostly right.
 */
function chosenOn(seed: number, count: number): Scene[] {
  return drawScenes(seed + 3000, count, { combinations: "seen" });
}

async function chosen<T>(
  folder: string,
  scenes: readonly Scene[],
  choose: (model: VisionLanguageModel, described: readonly DescribedScene[]) => T | Promise<T>,
): Promise<T> {
  await using model = await loadVlm(folder);
  return await choose(model, await describeScenes(model, scenes));
}
