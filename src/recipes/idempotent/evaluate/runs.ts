/** The runs of an evaluation: trained or taken up again, measured once, and kept in a folder. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeWhole } from "../../../engine/weights/atomic-file.js";
import { type Judge, trainJudge } from "../../../methods/idempotent/judge.js";
import {
  type GeneratorFigures,
  measureGenerator,
  measureReal,
  type SampleFigures,
  sampleFigures,
} from "../../../methods/idempotent/measure.js";
import { IdempotentGenerator, type NormUse } from "../../../models/idempotent/generator.js";
import { type Pictures, type Stage, trainGenerator } from "../train.js";
import { dcganSamples } from "./dcgan.js";
import { trainDenoiser } from "./denoiser.js";
import { trainFixed } from "./fixed.js";
import { DIGIT_WORLD, OBJECTIVES, SETTLING_SHARE, SMALL } from "./settings.js";

export interface EvaluationRun {
  readonly seed: number;
  /** Of other held-out pictures in place of samples. */
  readonly real: SampleFigures;
  /** By variant and mode, as in {@link ROWS}. */
  readonly figures: Readonly<Record<string, GeneratorFigures>>;
  /** Trained for as many steps as what does not settle, and for as many as what does. */
  readonly dcgan: SampleFigures;
  readonly longerDcgan: SampleFigures;
}

export interface EvaluationOptions {
  /** Of finished and unfinished runs; the same command goes on there. */
  readonly folder: string;
  readonly seeds: readonly number[];
  readonly steps: number;
  /** Pictures and samples that figures are of. */
  readonly count: number;
  readonly doing: (what: string) => void;
}

type Variant = keyof typeof OBJECTIVES;

/** What is measured: a name, a training, and which statistics serve noise and pictures. */
const TWO_BANKS: NormUse = { noise: "noise", pictures: "manifold" };
const DATA: NormUse = { noise: "data", pictures: "data" };
const both = (mode: string): NormUse => ({ noise: mode, pictures: mode });

const MODES: Readonly<Record<Variant, Readonly<Record<string, NormUse>>>> = {
  spread: { "spread, two banks": TWO_BANKS },
  "spread without energy": { "spread without energy, two banks": TWO_BANKS },
  listing: {
    "listing, two banks": TWO_BANKS,
    "listing, batch": both("batch"),
    "listing, running": both("running"),
  },
  experiments: { "experiments, two banks": TWO_BANKS },
  "no tightness": { "no tightness, two banks": TWO_BANKS },
  "no idempotence": { "no idempotence, two banks": TWO_BANKS },
  autoencoder: { autoencoder: DATA },
};
/** Variants that settle, and beside that go on for as many steps with their own objective, statistics fixed. */
const SETTLES: readonly Variant[] = ["spread", "listing"];
const settledRow = (variant: Variant): string => `${variant}, settled`;
const fixedRow = (variant: Variant): string => `${variant}, trained on with fixed statistics`;
/** What the claims are of. */
export const TWO_BANKS_ROW = "spread, two banks";
export const SETTLED_ROW = settledRow("spread");

/** Throws what training throws. Steps of a run that was ended are not lost. */
export async function evaluationRuns(options: EvaluationOptions): Promise<EvaluationRun[]> {
  const runs: EvaluationRun[] = [];
  for (const seed of options.seeds) runs.push(await oneRun(seed, options));
  return runs;
}

async function oneRun(seed: number, options: EvaluationOptions): Promise<EvaluationRun> {
  const { steps, count, doing } = options;
  const folder = join(options.folder, `seed-${seed}-steps-${steps}`);
  const pictures: Pictures = (first, rows) => DIGIT_WORLD.rows(seed, first, rows).pixels;
  await makeFolder(folder);
  doing(`a classifier (seed ${seed})`);
  await using judge = await trainJudge(DIGIT_WORLD, { seed, steps: Math.min(1000, steps) });
  const measuring = { judge, count, seed };
  const settings = { ...SMALL, seed, steps };
  const figures: Record<string, GeneratorFigures> = {};
  const known = <T>(name: string, compute: () => Promise<T>): Promise<T> =>
    kept(join(folder, `${name.replaceAll(/\W+/g, "-")}-${count}.json`), compute);

  const settling = Math.round(SETTLING_SHARE * steps);
  const longer = { ...settings, steps: steps + settling };
  // Needed by all that are compared with it.
  doing(`autoencoder (seed ${seed})`);
  const plain = await trainGenerator(
    { ...longer, objective: OBJECTIVES.autoencoder },
    { folder: join(folder, "autoencoder"), pictures },
  );
  await using autoencoder = generatorOf(plain.model!.moving, DATA);
  for (const variant of Object.keys(OBJECTIVES) as Variant[]) {
    doing(`${variant} (seed ${seed})`);
    const objective = OBJECTIVES[variant];
    const own = join(folder, variant.replaceAll(" ", "-"));
    const settles = SETTLES.includes(variant);
    const total = settles ? { ...longer, objective, settling: settling / longer.steps } : { ...settings, objective };
    const trained = variant === "autoencoder" ? plain : await trainGenerator(total, { folder: own, pictures });
    const { moving, settled } = trained.model!;
    await using generator = generatorOf(moving, TWO_BANKS);
    const control = { ...measuring, ...(variant !== "autoencoder" && { control: autoencoder }) };
    for (const [name, use] of Object.entries(MODES[variant])) {
      figures[name] = await known(name, () => measureGenerator(generator, DIGIT_WORLD, { ...control, use }));
    }
    if (settled === undefined) continue;
    const fixed = await trainFixed(
      { ...settings, objective },
      { moving, steps: settling, folder: join(own, "fixed"), pictures },
    );
    await using goingOn = generatorOf(fixed, both("settled"));
    const [fixedName, settledName] = [fixedRow(variant), settledRow(variant)];
    figures[fixedName] = await known(fixedName, () => measureGenerator(goingOn, DIGIT_WORLD, control));
    await using single = generatorOf(settled, both("settled"));
    figures[settledName] = await known(settledName, () => measureGenerator(single, DIGIT_WORLD, control));
  }
  doing(`denoising autoencoder (seed ${seed})`);
  const denoising = await trainDenoiser(longer, join(folder, "denoiser"), pictures);
  await using denoiser = generatorOf(denoising, DATA);
  figures["denoising autoencoder"] = await known("denoiser", () =>
    measureGenerator(denoiser, DIGIT_WORLD, { ...measuring, control: autoencoder }),
  );
  doing(`DCGAN (seed ${seed})`);
  return {
    seed,
    figures,
    real: await measureReal(DIGIT_WORLD, measuring),
    dcgan: await known("dcgan", () => dcganFigures(settings, pictures, measuring)),
    longerDcgan: await known("longer dcgan", () => dcganFigures(longer, pictures, measuring)),
  };
}

async function dcganFigures(
  settings: typeof SMALL,
  pictures: Pictures,
  measuring: { readonly judge: Judge; readonly count: number; readonly seed: number },
): Promise<SampleFigures> {
  return sampleFigures(DIGIT_WORLD, await dcganSamples(settings, pictures, measuring.count), measuring);
}

function generatorOf({ parameters, banks }: Stage, use: NormUse): IdempotentGenerator {
  return new IdempotentGenerator({
    architecture: SMALL.architecture,
    weight: (name) => parameters.value(name),
    inputs: () => parameters.inputs({ averaged: true }),
    banks,
    use,
  });
}

/** What `compute` gives, computed once: a file keeps it. */
async function kept<T>(file: string, compute: () => Promise<T>): Promise<T> {
  const text = await readFile(file, "utf8").catch(() => undefined);
  if (text !== undefined) return JSON.parse(text) as T;
  const result = await compute();
  await writeWhole(file, `${JSON.stringify(result)}\n`);
  return result;
}
