/** `vitrine train clip-scenes`: trains, writes the checkpoint, measures it, writes its card. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { loadClip } from "../../models/clip/load.js";
import { renderScene } from "../../worlds/scenes/index.js";
import { VERSION } from "../../version.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { type Card, cardPage } from "./card.js";
import type { Encoders } from "./evaluate.js";
import { writeSceneClip } from "./export.js";
import { measure } from "./measure.js";
import { sceneClipEncoders, sceneClipParameters } from "./model.js";
import { recipeOf, SETTINGS } from "./settings.js";
import { trainSceneClip } from "./train.js";

/** Runs of fewer steps than this are trials: their card is of fewer scenes. */
const FULL_RUN = 1000;
const TRIAL_SCALE = 0.05;

export async function run(options: RecipeOptions): Promise<RecipeResult> {
  if (options.data !== undefined) {
    throw new UsageError({ what: "this recipe trains on drawn scenes alone", got: "--data", fix: "leave it out" });
  }
  const { folder, steps = SETTINGS.steps, seed = SETTINGS.seed, onNotice } = options;
  const settings = { ...SETTINGS, steps, seed };
  const { parameters, result } = await trainSceneClip(settings, options);
  if (result.stopped) return { stopped: true, step: result.step, steps };
  onNotice?.("measuring the model");
  const model = join(folder, "model");
  await writeSceneClip(model, parameters, `vitrine train clip-scenes, seed ${seed}, ${steps} steps`);
  const scale = steps < FULL_RUN ? TRIAL_SCALE : 1;
  const card: Card = {
    name: "clip-scenes",
    version: VERSION,
    recipe: recipeOf(settings),
    steps: result.step,
    seconds: Math.round(result.seconds),
    parameters: parameters.trainableCount,
    figures: await measureCheckpoint(model, seed, scale),
    untrained: await measureUntrained(seed, scale),
  };
  await writeWhole(join(model, "card.json"), JSON.stringify(card, null, 1) + "\n");
  await writeWhole(join(model, "README.md"), cardPage(card));
  await writeWhole(join(model, "train.jsonl"), await readFile(join(folder, "metrics.jsonl"), "utf8"));
  await writeWhole(join(model, "loss.svg"), await readFile(join(folder, "loss.svg"), "utf8"));
  return { stopped: false, step: result.step, steps, model, card };
}

/** The checkpoint as users load it. */
async function measureCheckpoint(folder: string, seed: number, scale: number): ReturnType<typeof measure> {
  await using clip = await loadClip(folder);
  const { imageSize } = clip.parts.vision;
  const encoders: Encoders = {
    images: (scenes) => clip.encodeImage(clip.preprocess(scenes.map((scene) => renderScene(scene, imageSize)))),
    texts: (texts) => clip.encodeText(texts),
  };
  return await measure(encoders, seed, scale);
}

async function measureUntrained(seed: number, scale: number): ReturnType<typeof measure> {
  await using encoders = sceneClipEncoders(sceneClipParameters(seed));
  return await measure(encoders, seed, scale);
}
