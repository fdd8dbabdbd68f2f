/** The steps of training of the two parts of a run. */
import { input } from "../../engine/graph/ops/leaves.js";
import { adam, muon, type Optimiser } from "../../engine/train/optimisers.js";
import type { Parameters } from "../../engine/train/parameters.js";
import { warmupCosine } from "../../engine/train/schedules.js";
import { createTrainStep, type TrainStep } from "../../engine/train/step.js";
import { idempotentObjective } from "../../methods/idempotent/objective.js";
import { settlingObjective } from "../../methods/idempotent/settle.js";
import { type Bank, bankStatistics } from "../../models/idempotent/banks.js";
import { batchStatistics, idempotentNetwork, type Statistics } from "../../models/idempotent/network.js";
import { KERNELS } from "../../models/idempotent/trainable.js";
import type { GeneratorSettings } from "./settings.js";

const WARMUP = 50;

/**
 * The objective of the settings; by default, as published, with batch norms in training mode. Inputs `data`, `noise`, and `noisy` where what is noisy is restored.
 */
export function movingStep(
  settings: GeneratorSettings,
  parameters: Parameters,
  steps: number,
  statistics: Statistics = batchStatistics,
): Promise<TrainStep> {
  const { architecture, objective, batch, rate, average } = settings;
  const shape = [batch, architecture.channels, architecture.size, architecture.size];
  const { loss, reconstruction, idempotence, energy, restoration } = idempotentObjective({
    apply: (x, weight) => idempotentNetwork(x, { architecture, weight, statistics }),
    weight: (name) => parameters.value(name),
    data: input("data", shape),
    noise: input("noise", shape),
    ...(objective.restoration && { noisy: input("noisy", shape) }),
    objective,
  });
  return createTrainStep({
    loss,
    // What is asked for is computed: a plain autoencoder has no use for noise.
    metrics: {
      reconstruction,
      ...(seesNoise(objective) && { idempotence }),
      ...(energy && { energy }),
      ...(restoration && { restoration }),
    },
    parameters,
    optimiser: optimiserOf(settings, rate, steps),
    ema: average,
  });
}

function optimiserOf({ betas, matrixRate }: GeneratorSettings, rate: number, steps: number): Optimiser {
  const lr = warmupCosine(rate, Math.min(WARMUP, steps - 1), steps);
  if (matrixRate === undefined) return adam({ lr, betas });
  return muon({ lr, betas, matrices: [{ match: KERNELS }], matrixRate });
}

export const seesNoise = ({ idempotence, tightness, energy = 0 }: GeneratorSettings["objective"]): boolean =>
  idempotence !== 0 || tightness !== 0 || energy !== 0;

/** Frozen parameters under these names are the teacher's. */
export const teacherName = (name: string): string => `teacher.${name}`;

export interface SettlingBanks {
  /** The teacher's. */
  readonly noise: Bank;
  readonly manifold: Bank;
  /** The student's. */
  readonly settled: Bank;
}

/** Towards one function of one picture. Inputs as of {@link movingStep}. */
export function settlingStep(
  settings: GeneratorSettings,
  parameters: Parameters,
  banks: SettlingBanks,
  steps: number,
): Promise<TrainStep> {
  const { architecture, batch, settlingRate, settlingWeights, average } = settings;
  const shape = [batch, architecture.channels, architecture.size, architecture.size];
  const taught = (bank: Bank) => ({
    architecture,
    weight: (name: string) => parameters.value(teacherName(name)),
    statistics: bankStatistics(bank),
  });
  const own = {
    architecture,
    weight: (name: string) => parameters.value(name),
    statistics: bankStatistics(banks.settled),
  };
  const { loss, ...metrics } = settlingObjective({
    student: (x) => idempotentNetwork(x, own),
    teacher: {
      noise: (z) => idempotentNetwork(z, taught(banks.noise)),
      pictures: (x) => idempotentNetwork(x, taught(banks.manifold)),
    },
    data: input("data", shape),
    noise: input("noise", shape),
    noisy: input("noisy", shape),
    weights: settlingWeights,
  });
  return createTrainStep({
    loss,
    metrics: { ...metrics },
    parameters,
    optimiser: optimiserOf(settings, settlingRate, steps),
    ema: average,
  });
}
