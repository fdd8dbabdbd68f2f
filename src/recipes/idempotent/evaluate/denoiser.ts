/** A denoising autoencoder of the same network: a control for projections. */
import { input } from "../../../engine/graph/ops/leaves.js";
import { meanSquaredError } from "../../../engine/graph/ops/losses.js";
import type { FloatTensor } from "../../../engine/tensor/tensor.js";
import { train } from "../../../engine/train/loop.js";
import { adam } from "../../../engine/train/optimisers.js";
import { Parameters } from "../../../engine/train/parameters.js";
import { warmupCosine } from "../../../engine/train/schedules.js";
import { seeded } from "../../../engine/train/seeds.js";
import { createTrainStep } from "../../../engine/train/step.js";
import { calibrate } from "../../../methods/idempotent/calibrate.js";
import { addNoise } from "../../../methods/idempotent/noise.js";
import { pooledBank } from "../../../models/idempotent/banks.js";
import { batchStatistics, idempotentNetwork } from "../../../models/idempotent/network.js";
import { idempotentDeclarations } from "../../../models/idempotent/trainable.js";
import { type GeneratorSettings, recipeOf } from "../settings.js";
import type { Pictures, Stage } from "../train.js";
import { DENOISED } from "./settings.js";

/** Learns f(x + s·n) = x, n white noise and s up to 1, for as many steps as the generators. Throws what `train` throws. */
export async function trainDenoiser(settings: GeneratorSettings, folder: string, pictures: Pictures): Promise<Stage> {
  const { architecture, seed, steps, batch, rate, betas, average } = settings;
  const parameters = new Parameters(idempotentDeclarations(architecture), { seed });
  const weight = (name: string) => parameters.value(name);
  const shape = [batch, architecture.channels, architecture.size, architecture.size];
  const rebuilt = idempotentNetwork(input("noisy", shape), { architecture, weight, statistics: batchStatistics });
  await using step = await createTrainStep({
    loss: meanSquaredError(rebuilt, input("data", shape)),
    parameters,
    optimiser: adam({ lr: warmupCosine(rate, Math.min(50, steps - 1), steps), betas }),
    ema: average,
  });
  await train({
    folder,
    recipe: { ...recipeOf(settings), denoised: DENOISED },
    steps,
    step,
    batch: (n) => {
      const data = pictures(n * batch, batch);
      return { data, noisy: noisy(data, seed, n) };
    },
  });
  const banks = [];
  for (const change of [noisy, (data: FloatTensor) => data]) {
    const batches = Array.from({ length: 8 }, (_, i) => change(pictures(i * 256, 256), seed, i));
    const inputs = () => parameters.inputs({ averaged: true });
    banks.push((await calibrate({ architecture, weight, inputs }, batches)).bank);
  }
  return { parameters, banks: { data: pooledBank(banks) } };
}

function noisy(data: FloatTensor, seed: number, n: number): FloatTensor {
  return addNoise(data, seeded(seed, "denoising", n), DENOISED);
}
