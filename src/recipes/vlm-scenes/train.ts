/** Trains `zoo/vlm-scenes`: what says, in words, what the tower of `zoo/clip-scenes` sees. */
import type { Tokenizer } from "../../engine/media/clip-tokenizer.js";
import { buildWithSites } from "../../engine/graph/sites.js";
import { compile } from "../../engine/runtime/compile.js";
import { train, type TrainingProgress, type TrainResult } from "../../engine/train/loop.js";
import type { Parameters } from "../../engine/train/parameters.js";
import type { Clip } from "../../models/clip/clip.js";
import { sceneRows, trainingScenes, validationScenes } from "./data.js";
import { captionerParameters, captionerStep, captionLoss, type Sizes } from "./model.js";
import { LANGUAGE, recipeOf, type Settings } from "./settings.js";

export interface TrainRecipeOptions {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

const VALIDATED = 128;
const EVALUATE_EVERY = 500;

export function sizesOf(tower: Clip): Sizes {
  const { vision, tokenizer } = tower.parts;
  const { vocabularySize, startId, endId } = tokenizer as Tokenizer;
  return {
    imageTokens: vision.tokens - vision.prefix,
    towerWidth: vision.width,
    language: { ...LANGUAGE, vocabulary: vocabularySize, startToken: startId, endTokens: [endId] },
  };
}

export async function trainCaptioner(
  tower: Clip,
  settings: Settings,
  { folder, signal, onProgress }: TrainRecipeOptions,
): Promise<{ parameters: Parameters; result: TrainResult }> {
  const sizes = sizesOf(tower);
  const parameters = captionerParameters(sizes, settings.seed);
  await using step = await captionerStep(parameters, sizes, settings);
  const { result: loss } = buildWithSites(() => captionLoss(parameters, sizes, VALIDATED));
  await using validation = await compile({ loss });
  const sets = await Promise.all(
    [true, false].map((spurious) => sceneRows(tower, validationScenes(settings.seed, VALIDATED, spurious))),
  );
  const result = await train({
    folder,
    recipe: recipeOf(settings),
    steps: settings.steps,
    step,
    batch: (index) => sceneRows(tower, trainingScenes(settings, index)),
    evaluate: {
      every: EVALUATE_EVERY,
      run: async () => {
        const losses: number[] = [];
        for (const set of sets) {
          losses.push(Number((await validation.run({ ...parameters.inputs(), ...set })).loss.data[0]));
        }
        return { asInTraining: losses[0]!, independent: losses[1]! };
      },
    },
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return { parameters, result };
}
