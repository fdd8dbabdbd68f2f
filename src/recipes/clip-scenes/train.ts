/** Trains `zoo/clip-scenes`: a small CLIP of the world of scenes, from a seed to a checkpoint. */
import type { Parameters } from "../../engine/train/parameters.js";
import { train, type TrainingProgress, type TrainResult } from "../../engine/train/loop.js";
import { seeded } from "../../engine/train/seeds.js";
import { ATTRIBUTES, sampleScene } from "../../worlds/scenes/index.js";
import { drawScene, TRAINING_SCENES } from "./curriculum.js";
import { trainingBatch } from "./data.js";
import { attributeHits, type Encoders, retrievalHits, shareOf } from "./evaluate.js";
import { sceneClipEncoders, sceneClipParameters, sceneClipStep } from "./model.js";
import { recipeOf, type Settings } from "./settings.js";

export interface TrainRecipeOptions {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

const VALIDATED = 256;
const EVALUATE_EVERY = 1000;

/** The stage that sees parts of pictures, then the stage that sees all of them. */
export async function trainSceneClip(
  settings: Settings,
  { folder, signal, onProgress }: TrainRecipeOptions,
): Promise<{ parameters: Parameters; result: TrainResult }> {
  const parameters = sceneClipParameters(settings.seed);
  await using encoders = sceneClipEncoders(parameters);
  const stages = [
    { cropped: true, until: Math.round(settings.cropped * settings.steps) },
    { cropped: false, until: settings.steps },
  ];
  let result: TrainResult | undefined;
  for (const { cropped, until } of stages) {
    await using step = await sceneClipStep(parameters, settings, cropped);
    result = await train({
      folder,
      recipe: recipeOf(settings),
      steps: until,
      step,
      batch: (index) => trainingBatch(settings, index, cropped),
      evaluate: { every: EVALUATE_EVERY, run: () => validate(encoders, settings.seed) },
      ...(signal === undefined ? {} : { signal }),
      onProgress: (progress) => onProgress?.({ ...progress, steps: settings.steps }),
    });
    if (result.stopped) break;
  }
  return { parameters, result: result! };
}

/** On scenes that neither training nor the card's test sees. */
async function validate(encoders: Encoders, seed: number): Promise<Record<string, number>> {
  const random = seeded(seed, "validation");
  const scenes = Array.from({ length: VALIDATED }, () => drawScene(random));
  const single = Array.from({ length: VALIDATED }, () => sampleScene(random, { ...TRAINING_SCENES, objects: [1, 1] }));
  const features = await encoders.images(single);
  const { text, image } = await retrievalHits(encoders, scenes, VALIDATED);
  const shares: Record<string, number> = { retrieveText: shareOf(text), retrieveImage: shareOf(image) };
  for (const attribute of ATTRIBUTES)
    shares[attribute] = shareOf(await attributeHits(encoders, single, features, attribute));
  return shares;
}
