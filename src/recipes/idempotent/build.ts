/** From settings to a model with its card: trains, trains what it is compared with, writes, measures. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { type Judge, type JudgedWorld, trainJudge } from "../../methods/idempotent/judge.js";
import { heldOut, measureGenerator, measureReal } from "../../methods/idempotent/measure.js";
import { distances, project } from "../../methods/idempotent/project.js";
import { IdempotentGenerator, type NormMode, type NormUse } from "../../models/idempotent/generator.js";
import { loadGenerator, writeGenerator } from "../../models/idempotent/load.js";
import { VERSION } from "../../version.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { ofOwnPictures } from "./own-pictures.js";
import { reconstructionOnly } from "../../methods/idempotent/objective.js";
import { type Card, cardPage, type CardWords, type ModeFigures } from "./card.js";
import { type GeneratorSettings, recipeOf } from "./settings.js";
import { type Pictures, type Stage, type TrainedGenerator, trainGenerator } from "./train.js";

export interface GeneratorRecipe {
  readonly settings: GeneratorSettings;
  readonly world: JudgedWorld;
  /** The training set of a seed; by default the world's pictures of that seed, without end. */
  readonly pictures?: (seed: number) => Pictures;
  /** Pictures, and samples, that figures are of; default 1000. */
  readonly measured?: number;
  /** Words for the card and for wherever the model speaks. */
  readonly words: CardWords & {
    readonly questions: readonly string[];
    /** The procedural world that its pictures are of, where there is one: rooms draw pictures of it to begin with. */
    readonly world?: string;
  };
}

/** Runs of fewer steps than this are trials: their card is of fewer pictures. */
const FULL_RUN = 1000;
const COUNT = 1000;
const TRIAL_COUNT = 100;
const TRIAL_JUDGE_STEPS = 60;
const HALVES = 1000;

/** Throws what `train` throws, and with `data` what `ofOwnPictures` throws. */
export async function buildGenerator(zoo: GeneratorRecipe, options: RecipeOptions): Promise<RecipeResult> {
  const { data, onNotice } = options;
  const seeded = { ...zoo, settings: { ...zoo.settings, seed: options.seed ?? zoo.settings.seed } };
  return build(data === undefined ? seeded : await ofOwnPictures(seeded, data, onNotice), options);
}

async function build(
  { settings: own, world, words, pictures: trainingSet, measured = COUNT }: GeneratorRecipe,
  { folder, steps = own.steps, signal, onProgress, onNotice }: RecipeOptions,
): Promise<RecipeResult> {
  const { seed } = own;
  const settings = { ...own, steps };
  const pictures: Pictures = trainingSet?.(seed) ?? ((first, count) => world.rows(seed, first, count).pixels);
  const options = { pictures, ...(signal && { signal }), ...(onProgress && { onProgress }) };
  const trained = await trainGenerator(settings, { ...options, folder });
  if (trained.model === undefined) return { stopped: true, step: trained.step, steps };
  // What projections are compared with: the same network and steps, for reconstruction alone.
  const plain = { ...settings, objective: reconstructionOnly(settings.objective) };
  const control = await trainGenerator(plain, { ...options, folder: join(folder, "autoencoder") });
  if (control.model === undefined) return { stopped: true, step: trained.step, steps };
  const { moving, settled } = trained.model;
  const stage = settled ?? moving;
  const names: readonly [noise: string, pictures: string] = settled ? ["settled", "settled"] : ["noise", "manifold"];
  const kept = Object.fromEntries(names.map((name) => [name, stage.banks[name]!]));
  onNotice?.("measuring the model");

  const model = join(folder, "model");
  const about = `vitrine train ${settings.recipe}, seed ${seed}, ${steps} steps`;
  const write = (known: Record<string, string>): Promise<void> => {
    return writeGenerator(model, {
      architecture: settings.architecture,
      weight: (name) => stage.parameters.trackOf(name, "average"),
      banks: kept,
      use: { noise: names[0], pictures: names[1] },
      noise: settings.noise,
      ...(trained.spectrum && { spectrum: trained.spectrum }),
      metadata: { about, caveat: words.caveat, ...(words.world !== undefined && { world: words.world }), ...known },
    });
  };
  await write({});
  await write(await knownDrift(model, world));
  const isTrial = steps < FULL_RUN;
  await using judge = await trainJudge(world, isTrial ? { steps: TRIAL_JUDGE_STEPS } : {});
  const card: Card = {
    name: settings.recipe,
    version: VERSION,
    recipe: recipeOf(settings),
    steps,
    seconds: Math.round(trained.seconds),
    controlSeconds: Math.round(control.seconds),
    parameters: moving.parameters.trainableCount,
    questions: words.questions,
    ...(await figuresOf({
      model,
      trained,
      control,
      settings,
      world,
      judge,
      count: isTrial ? Math.min(TRIAL_COUNT, measured) : measured,
    })),
  };
  await writeWhole(join(model, "card.json"), JSON.stringify(card, rounded, 1) + "\n");
  await writeWhole(join(model, "README.md"), cardPage(card, words));
  const logs = ["moving", ...(settled ? ["settling"] : [])].map((part) =>
    readFile(join(folder, part, "metrics.jsonl"), "utf8"),
  );
  await writeWhole(join(model, "train.jsonl"), (await Promise.all(logs)).join(""));
  await writeWhole(join(model, "loss.svg"), await readFile(join(folder, "moving", "loss.svg"), "utf8"));
  return { stopped: false, step: steps, steps, model, card };
}

interface Measured {
  readonly model: string;
  readonly trained: TrainedGenerator;
  readonly control: TrainedGenerator;
  readonly settings: GeneratorSettings;
  readonly world: JudgedWorld;
  readonly judge: Judge;
  readonly count: number;
}

/** Of the file as users load it, and of the same training before it settled, in each mode. */
async function figuresOf({
  model,
  trained,
  control,
  settings,
  world,
  judge,
  count,
}: Measured): Promise<Pick<Card, "figures" | "modes" | "real" | "control" | "judgeAccuracy">> {
  const { moving } = trained.model!;
  const { architecture } = settings;
  await using autoencoder = generatorOf(control.model!.moving, architecture, { noise: "data", pictures: "data" });
  await using loaded = (await loadGenerator(model)).generator;
  const options = { judge, count, ...(trained.spectrum && { spectrum: trained.spectrum }) };
  const figures = await measureGenerator(loaded, world, { ...options, control: autoencoder });
  await using before = generatorOf(moving, architecture, { noise: "noise", pictures: "manifold" });
  const modes: ModeFigures[] = [];
  const uses: readonly (readonly [string, NormMode, NormMode])[] = [
    ["training mode, all pictures as one batch", "batch", "batch"],
    ["running statistics of data, noise and samples", "running", "running"],
    ["two banks: one for noise, one for pictures", "noise", "manifold"],
  ];
  for (const [name, forNoise, forPictures] of uses) {
    const use = { noise: forNoise, pictures: forPictures };
    const { ratios, samples, reconstruction } = await measureGenerator(before, world, { ...options, use });
    modes.push({ name, ratios, samples, reconstruction: reconstruction.mean });
  }
  return {
    figures,
    modes,
    real: await measureReal(world, options),
    control: await measureGenerator(autoencoder, world, options),
    judgeAccuracy: await judge.accuracy(heldOut(world, count)),
  };
}

function generatorOf(
  { parameters, banks }: Stage,
  architecture: GeneratorSettings["architecture"],
  use: NormUse,
): IdempotentGenerator {
  return new IdempotentGenerator({
    architecture,
    weight: (name) => parameters.value(name),
    inputs: () => parameters.inputs({ averaged: true }),
    banks,
    use,
  });
}

/** How far held-out pictures move: what a drift is to be compared with. */
async function knownDrift(model: string, world: JudgedWorld): Promise<Record<string, string>> {
  await using generator = (await loadGenerator(model)).generator;
  const { pixels } = heldOut(world, HALVES, { from: HALVES });
  const drifts = distances((await project(generator, pixels, 1))[0]!, pixels).sort();
  const at = (share: number): string => drifts[Math.floor(share * (drifts.length - 1))]!.toFixed(4);
  return { drift_median: at(0.5), drift_95: at(0.95) };
}

/** Five digits say all that is known. */
const rounded = (_key: string, value: unknown): unknown =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
