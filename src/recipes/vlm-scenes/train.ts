/** Trains `zoo/vlm-scenes` in LLaVA's stages: a language model on words, then a projector that must speak its language. */
import { join } from "node:path";
import type { Tokenizer } from "../../engine/media/clip-tokenizer.js";
import { buildWithSites } from "../../engine/graph/sites.js";
import { compile } from "../../engine/runtime/compile.js";
import type { Tensor } from "../../engine/tensor/tensor.js";
import { train, type TrainingProgress, type TrainResult } from "../../engine/train/loop.js";
import type { Parameters } from "../../engine/train/parameters.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Value } from "../../engine/graph/value.js";
import type { Clip } from "../../models/clip/clip.js";
import { optimisedStep } from "../optimised-step.js";
import { pictureRows, textRows, trainingScenes, validationScenes } from "./data.js";
import {
  captionLoss,
  LANGUAGE_MATRICES,
  languageLoss,
  languageParameters,
  llavaParameters,
  projectorParameters,
  type Sizes,
} from "./model.js";
import { PATCH_WORDS } from "./patch-words.js";
import { LANGUAGE, recipeOf, type Settings, type Stage, STAGES, type StageSettings, stepsOf } from "./settings.js";

export interface TrainRecipeOptions {
  readonly folder: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

const VALIDATED = 128;
const EVALUATE_EVERY = 200;

export function sizesOf(tower: Clip): Sizes {
  const { vision, tokenizer } = tower.parts;
  const { vocabularySize, startId, endId } = tokenizer as Tokenizer;
  return {
    imageTokens: vision.tokens - vision.prefix,
    towerWidth: vision.width,
    language: { ...LANGUAGE, vocabulary: vocabularySize, startToken: startId, endTokens: [endId] },
    words: PATCH_WORDS.map((word) => (tokenizer as Tokenizer).encode([word], { contextLength: 3 }).data[1]!),
  };
}

export interface Trained {
  readonly parameters: Parameters;
  readonly stopped: boolean;
  /** Updates done, over all stages. */
  readonly step: number;
  readonly seconds: number;
}

/** Each stage has a folder of its own in `folder`. */
export async function trainCaptioner(tower: Clip, settings: Settings, options: TrainRecipeOptions): Promise<Trained> {
  const sizes = sizesOf(tower);
  const { seed } = settings;
  const tokenizer = tower.parts.tokenizer as Tokenizer;
  const onWords = async (stage: "language" | "habits", start?: Parameters): Promise<[Parameters, TrainResult]> => {
    const parameters = languageParameters(sizes, seed, start);
    const hinted = stage === "habits";
    const result = await runStage(stage, parameters, settings, options, {
      loss: (batch) => languageLoss(parameters, sizes, batch),
      batch: (index) => {
        const { scenes, random } = trainingScenes(seed, stage, index, settings[stage].batch);
        return textRows(tokenizer, scenes, random, hinted);
      },
      validation: (scenes) => textRows(tokenizer, scenes, seeded(seed, "validation", stage), hinted),
    });
    return [parameters, result];
  };
  const [first, spoken] = await onWords("language");
  if (spoken.stopped) return { ...spoken, parameters: first };
  const [language, used] = await onWords("habits", first);
  if (used.stopped) return { ...used, parameters: language, step: spoken.step + used.step };
  const parameters = projectorParameters(sizes, language, seed);
  const seen = await runStage("projector", parameters, settings, options, {
    loss: (batch) => captionLoss(parameters, sizes, batch),
    batch: (index) => {
      const { scenes, random } = trainingScenes(seed, "projector", index, settings.projector.batch);
      return pictureRows(tower, scenes, random);
    },
    validation: (scenes) => pictureRows(tower, scenes),
  });
  const done = [spoken, used, seen];
  const total = (of: (result: TrainResult) => number): number => done.reduce((sum, result) => sum + of(result), 0);
  const model = llavaParameters(sizes, language, parameters);
  return { ...seen, parameters: model, step: total(({ step }) => step), seconds: total(({ seconds }) => seconds) };
}

interface StageWork {
  readonly loss: (batch: number) => Value;
  readonly batch: (index: number) => Rows | Promise<Rows>;
  readonly validation: (scenes: ReturnType<typeof validationScenes>) => Rows | Promise<Rows>;
}

type Rows = Readonly<Record<string, Tensor>>;

async function runStage(
  stage: Stage,
  parameters: Parameters,
  settings: Settings,
  { folder, signal, onProgress }: TrainRecipeOptions,
  work: StageWork,
): Promise<TrainResult> {
  const own: StageSettings = settings[stage];
  const { seed } = settings;
  await using step = await optimisedStep(
    buildWithSites(() => work.loss(own.batch)),
    parameters,
    own,
    LANGUAGE_MATRICES,
  );
  await using validation = await compile({ loss: buildWithSites(() => work.loss(VALIDATED)).result });
  const sets: Rows[] = [];
  for (const spurious of [true, false]) sets.push(await work.validation(validationScenes(seed, VALIDATED, spurious)));
  const before = STAGES.slice(0, STAGES.indexOf(stage)).reduce((sum, earlier) => sum + settings[earlier].steps, 0);
  return await train({
    folder: join(folder, stage),
    recipe: { ...recipeOf(settings), stage },
    steps: own.steps,
    step,
    batch: work.batch,
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
    ...(onProgress === undefined
      ? {}
      : {
          onProgress: (progress) => {
            onProgress({ ...progress, step: before + progress.step, steps: stepsOf(settings) });
          },
        }),
  });
}
