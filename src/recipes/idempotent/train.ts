/**
 * Trains an idempotent generator: first with batch norms in training mode, as published; then it settles.
 *
 * @file In training mode f is a function of a batch, and idempotence is a property of batches. With running statistics, which mix data, noise and
 * generated pictures, it is lost; with two banks, one for noise and one for pictures, it is kept, but there are two functions. So the last part of
 * the training makes one of them: with statistics pooled over all three kinds of input, then fixed. What is trained is what is used.
 */
import { join } from "node:path";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { from } from "../../engine/train/initialise.js";
import { train, type TrainingProgress, type TrainResult } from "../../engine/train/loop.js";
import { Parameters } from "../../engine/train/parameters.js";
import { seeded } from "../../engine/train/seeds.js";
import type { TrainStep } from "../../engine/train/step.js";
import { calibrate } from "../../methods/idempotent/calibrate.js";
import { addNoise, drawNoise, measureSpectrum, type Spectrum } from "../../methods/idempotent/noise.js";
import { type Bank, pooledBank } from "../../models/idempotent/banks.js";
import { idempotentDeclarations } from "../../models/idempotent/trainable.js";
import { type GeneratorSettings, recipeOf } from "./settings.js";
import { movingStep, seesNoise, settlingStep, teacherName } from "./steps.js";

/** Pictures [count,C,S,S] of the training set, `first` on: the same each time. */
export type Pictures = (first: number, count: number) => FloatTensor;

export interface TrainGeneratorOptions {
  readonly folder: string;
  readonly pictures: Pictures;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
}

/** Weights: the running average of these parameters. */
export interface Stage {
  readonly parameters: Parameters;
  readonly banks: Readonly<Record<string, Bank>>;
}

export interface TrainedGenerator {
  readonly step: number;
  readonly seconds: number;
  /** Undefined when the run was stopped before. */
  readonly model?: {
    /**
     * Trained in training mode. Banks `data`, `noise`, `manifold` (data and samples) and `running` (all three); `data` alone for what learns
     * from data alone.
     */
    readonly moving: Stage;
    /** After settling, with one bank `settled`; undefined where no step was for settling. */
    readonly settled?: Stage;
  };
  readonly spectrum?: Spectrum;
}

/** Batches that statistics are measured over, and pictures in each. */
const CALIBRATED = { batches: 8, size: 256 };
/** Pictures that the spectrum is measured over. */
const SPECTRUM = 1000;

/** Throws what `train` throws. */
export async function trainGenerator(
  settings: GeneratorSettings,
  options: TrainGeneratorOptions,
): Promise<TrainedGenerator> {
  const { architecture, seed, steps } = settings;
  const { folder, pictures, onProgress } = options;
  const settling = seesNoise(settings.objective) ? Math.round(settings.settling * steps) : 0;
  const spectrum = settings.noise === "fourier" ? measureSpectrum(pictures(0, SPECTRUM)) : undefined;
  const run = async (name: string, made: TrainStep, first: number, count: number): Promise<TrainResult> => {
    await using step = made;
    return await train({
      folder: join(folder, name),
      recipe: recipeOf(settings),
      steps: count,
      step,
      batch: (n) => trainingBatch(settings, pictures, first + n, spectrum),
      ...(options.signal && { signal: options.signal }),
      onProgress: (progress) =>
        onProgress?.({
          ...progress,
          step: first + progress.step,
          steps,
          secondsLeft: secondsLeft(progress, steps - first),
        }),
    });
  };
  const parameters = new Parameters(idempotentDeclarations(architecture), { seed });
  const first = steps - settling;
  const moved = await run("moving", await movingStep(settings, parameters, first), 0, first);
  if (moved.stopped) return { step: moved.step, seconds: moved.seconds };
  const moving = { parameters, banks: await calibrateBanks(settings, parameters, pictures, spectrum) };
  const found = { step: first, seconds: moved.seconds, model: { moving }, ...(spectrum && { spectrum }) };
  if (settling === 0) return found;
  const { noise, manifold, running } = moving.banks;
  const banks = { noise: noise!, manifold: manifold!, settled: running! };
  const student = studentOf(parameters, settings);
  const settled = await run("settling", await settlingStep(settings, student, banks, settling), first, settling);
  const seconds = moved.seconds + settled.seconds;
  if (settled.stopped) return { step: first + settled.step, seconds };
  const model = { moving, settled: { parameters: student, banks: { settled: banks.settled } } };
  return { ...found, step: steps, seconds, model };
}

/** The inputs of update `step` of a run, in either part. */
export function trainingBatch(
  { seed, batch, architecture: { channels, size }, deviation }: GeneratorSettings,
  pictures: Pictures,
  step: number,
  spectrum: Spectrum | undefined,
): Record<"data" | "noise" | "noisy", FloatTensor> {
  const data = pictures(step * batch, batch);
  return {
    data,
    noise: drawNoise(seeded(seed, "noise", step), batch, [channels, size, size], spectrum),
    noisy: addNoise(data, seeded(seed, "restoration", step), deviation),
  };
}

/** Of the running average of the weights. */
async function calibrateBanks(
  { architecture, objective, seed }: GeneratorSettings,
  parameters: Parameters,
  pictures: Pictures,
  spectrum: Spectrum | undefined,
): Promise<Record<string, Bank>> {
  const parts = {
    architecture,
    weight: (name: string) => parameters.value(name),
    inputs: () => parameters.inputs({ averaged: true }),
  };
  const { batches, size } = CALIBRATED;
  const shape = [architecture.channels, architecture.size, architecture.size];
  const each = <T>(of: (i: number) => T): T[] => Array.from({ length: batches }, (_, i) => of(i));
  const { bank: data } = await calibrate(
    parts,
    each((i) => pictures(i * size, size)),
  );
  if (!seesNoise(objective)) return { data };
  const { bank: noise, results } = await calibrate(
    parts,
    each((i) => drawNoise(seeded(seed, "calibration", i), size, shape, spectrum)),
  );
  const { bank: generated } = await calibrate(parts, results);
  return { data, noise, manifold: pooledBank([data, generated]), running: pooledBank([data, noise, generated]) };
}

/** A student starts as its teacher, whose weights stay beside its own. */
export function studentOf(teacher: Parameters, { architecture, seed }: GeneratorSettings): Parameters {
  const declarations = idempotentDeclarations(architecture).map(({ name, shape }) => {
    return { name, shape, initialise: from(floatTensor(teacher.trackOf(name, "average").data.slice(), shape)) };
  });
  const frozen = declarations.map((one) => ({ ...one, name: teacherName(one.name), trainable: false }));
  return new Parameters([...declarations, ...frozen], { seed });
}

function secondsLeft({ stepsPerSecond, step }: TrainingProgress, steps: number): number | undefined {
  return stepsPerSecond > 0 ? (steps - step) / stepsPerSecond : undefined;
}
