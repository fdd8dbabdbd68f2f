/** What settling is compared with: the published objective trained on with, once statistics are fixed. */
import { train } from "../../../engine/train/loop.js";
import { movingStep } from "../steps.js";
import { type GeneratorSettings, recipeOf } from "../settings.js";
import { type Pictures, type Stage, studentOf, trainingBatch } from "../train.js";
import { bankStatistics } from "../../../models/idempotent/banks.js";

/** Trains on from `moving` for `steps`, its pooled statistics fixed. Throws what `train` throws. */
export async function trainFixed(
  settings: GeneratorSettings,
  { moving, steps, folder, pictures }: { moving: Stage; steps: number; folder: string; pictures: Pictures },
): Promise<Stage> {
  const parameters = studentOf(moving.parameters, settings);
  const settled = moving.banks["running"]!;
  const own = { ...settings, rate: settings.settlingRate };
  await using step = await movingStep(own, parameters, steps, bankStatistics(settled));
  await train({
    folder,
    recipe: { ...recipeOf(own), fixed: true },
    steps,
    step,
    batch: (n) => trainingBatch(settings, pictures, settings.steps + n, undefined),
  });
  return { parameters, banks: { settled } };
}
