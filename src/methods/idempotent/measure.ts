/** The figures of a generator on a world whose truth is known: is it idempotent, do its samples look right, does it project? */
import { areaUnderCurve } from "../../engine/tensor/ranking.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { seeded } from "../../engine/train/seeds.js";
import type { IdempotentGenerator, NormUse } from "../../models/idempotent/generator.js";
import { corrupt } from "./corrupt.js";
import { CORRUPTIONS, type Corruption } from "./corruptions.js";
import { HELD_OUT_SEEDS, type Judge, type JudgedWorld, type LabelledRows } from "./judge.js";
import { classShares, coverage, frechetDistance } from "./measures.js";
import { drawNoise, type Spectrum } from "./noise.js";
import { distances, idempotenceRatios, project, refine } from "./project.js";

/** A mean with its interval of 95% (normal approximation), over so many pictures. */
export interface Mean {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

export interface SampleFigures {
  /** Of samples to held-out pictures, in the judge's features. */
  readonly frechet: number;
  /** Share of held-out pictures that have a sample nearby. */
  readonly coverage: number;
  /** For each question: share of the answers that occur, and the judge's mean confidence. */
  readonly answers: readonly { readonly covered: number; readonly confidence: number }[];
}

/** Distances are roots of mean squares over a picture's elements. */
export interface ProjectionFigures {
  /** Of the damaged picture to the clean one. */
  readonly before: Mean;
  /** Of f(y), and of f(f(y)), to the clean one. */
  readonly once: Mean;
  readonly twice: Mean;
  /** How much farther from the clean picture the control's f(y) is: positive where the generator is better. */
  readonly gain?: Mean;
  /** The judge's accuracy on the first question, on y and on f(y). */
  readonly accuracyBefore: number;
  readonly accuracyOnce: number;
}

export interface GeneratorFigures {
  /** r_1 to r_5, over all pieces of noise together. */
  readonly ratios: readonly number[];
  readonly samples: SampleFigures;
  /** Distance of f(x) to x on held-out pictures. */
  readonly reconstruction: Mean;
  /** How well |f(y) - y| tells what is no picture of the world from what is one: white noise, and each kind of damage. */
  readonly auroc: Readonly<Record<string, number>>;
  readonly projections: Readonly<Record<string, ProjectionFigures>>;
}

export interface MeasureOptions {
  readonly judge: Judge;
  readonly use?: NormUse;
  readonly spectrum?: Spectrum;
  /** What projections are compared with: a plain autoencoder. */
  readonly control?: IdempotentGenerator;
  /** Pictures, and samples; default 1000. */
  readonly count?: number;
  readonly seed?: number;
}

/** Pictures whose damage is looked at. */
const PROJECTED = 500;
const RATIOS = 5;

/** Held-out pictures number `from` on. */
export function heldOut(world: JudgedWorld, count: number, { seed = 0, from = 0 } = {}): LabelledRows {
  return world.rows(HELD_OUT_SEEDS + seed, from, count);
}

/** What the samples of a perfect generator get: other held-out pictures in their place. */
export async function measureReal(
  world: JudgedWorld,
  { judge, count = 1000, seed = 0 }: MeasureOptions,
): Promise<SampleFigures> {
  return sampleFigures(world, heldOut(world, count, { seed, from: count }).pixels, { judge, count, seed });
}

/** Throws nothing of its own; takes some seconds for 1000 pictures. */
export async function measureGenerator(
  generator: IdempotentGenerator,
  world: JudgedWorld,
  options: MeasureOptions,
): Promise<GeneratorFigures> {
  const { use = generator.parts.use, count = 1000, seed = 0, spectrum } = options;
  const z = drawNoise(seeded(seed, "samples"), count, generator.shape, spectrum);
  const results = await refine(generator, z, RATIOS + 1, use);
  const real = heldOut(world, Math.min(count, PROJECTED), { seed });
  const [rebuilt] = (await project(generator, real.pixels, 1, use)) as [FloatTensor];
  const atHome = distances(rebuilt, real.pixels);
  const told = (far: Float64Array): number =>
    areaUnderCurve([...atHome, ...far], [...atHome.map(() => 0), ...far.map(() => 1)].map(Boolean));
  const white = drawNoise(seeded(seed, "white"), real.pixels.shape[0]!, generator.shape);
  const auroc: Record<string, number> = {
    "white noise": told(distances((await project(generator, white, 1, use))[0]!, white)),
  };
  const projections: Record<string, ProjectionFigures> = {};
  for (const corruption of corruptionsOf(world)) {
    const damaged = corrupt(real.pixels, corruption, seeded(seed, "damage", corruption));
    const [once, twice] = (await project(generator, damaged, 2, use)) as [FloatTensor, FloatTensor];
    auroc[corruption] = told(distances(once, damaged));
    projections[corruption] = await projectionFigures({ real, damaged, once, twice }, options);
  }
  return {
    ratios: idempotenceRatios(z, results),
    samples: await sampleFigures(world, results[0]!, options),
    reconstruction: meanOf(atHome),
    auroc,
    projections,
  };
}

/** Those that change anything: grey pictures are grey. */
export function corruptionsOf({ shape: [channels] }: JudgedWorld): Corruption[] {
  return CORRUPTIONS.filter((corruption) => channels > 1 || corruption !== "grey");
}

/** Of samples against as many held-out pictures. */
export async function sampleFigures(
  world: JudgedWorld,
  samples: FloatTensor,
  { judge, seed = 0 }: MeasureOptions,
): Promise<SampleFigures> {
  const [real, made] = [
    await judge.judge(heldOut(world, samples.shape[0]!, { seed }).pixels),
    await judge.judge(samples),
  ];
  return {
    frechet: frechetDistance(real.features, made.features),
    coverage: coverage(real.features, made.features),
    answers: made.answers.map((each) => {
      const { covered, confidence } = classShares(each);
      return { covered, confidence };
    }),
  };
}

interface Projected {
  readonly real: LabelledRows;
  readonly damaged: FloatTensor;
  readonly once: FloatTensor;
  readonly twice: FloatTensor;
}

async function projectionFigures(
  { real, damaged, once, twice }: Projected,
  { judge, control }: MeasureOptions,
): Promise<ProjectionFigures> {
  const away = (pictures: FloatTensor): Float64Array => distances(pictures, real.pixels);
  const accuracy = async (pixels: FloatTensor): Promise<number> =>
    (await judge.accuracy({ pixels, labels: real.labels }))[0]!;
  const after = away(once);
  const others = control && away((await project(control, damaged, 1))[0]!);
  return {
    before: meanOf(away(damaged)),
    once: meanOf(after),
    twice: meanOf(away(twice)),
    ...(others && { gain: meanOf(others.map((distance, i) => distance - after[i]!)) }),
    accuracyBefore: await accuracy(damaged),
    accuracyOnce: await accuracy(once),
  };
}

export function meanOf(values: ArrayLike<number>): Mean {
  const all = Array.from(values);
  const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
  const variance = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, all.length - 1);
  const reach = 1.96 * Math.sqrt(variance / all.length);
  return { mean, low: mean - reach, high: mean + reach, count: all.length };
}
