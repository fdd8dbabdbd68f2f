import type { Value } from "../engine/graph/value.js";
import type { BuiltGraph } from "../engine/graph/sites.js";
import { adamW, type MatrixGroup, muon } from "../engine/train/optimisers.js";
import type { Parameters } from "../engine/train/parameters.js";
import { warmupCosine } from "../engine/train/schedules.js";
import { createTrainStep, type TrainStep } from "../engine/train/step.js";

/** AdamW, or Muon for matrices; a rate that warms up and falls along a cosine; gradients clipped by their norm. */
export interface OptimiserSettings {
  readonly steps: number;
  readonly rate: number;
  readonly warmup: number;
  readonly decay: number;
  readonly betas: readonly [number, number];
  readonly clipNorm: number;
  /** Factor on the rate of blocks' matrices, which Muon then updates. Undefined: AdamW does. */
  readonly matrixRate?: number;
}

/** The step that makes the built loss smaller. `matrices`: what Muon updates if the settings have it. */
export function optimisedStep(
  { result: loss, sites }: BuiltGraph<Value>,
  parameters: Parameters,
  { steps, rate, warmup, decay, betas, clipNorm, matrixRate }: OptimiserSettings,
  matrices: readonly MatrixGroup[] = [],
): Promise<TrainStep> {
  // Gains, offsets and scales have a natural size of their own.
  const vectors = { match: (name: string) => parameters.tensor(name).shape.length < 2, decay: 0 };
  const lr = warmupCosine(rate, Math.min(warmup, steps - 1), steps);
  const settings = { lr, decay, betas, groups: [vectors] };
  const optimiser = matrixRate === undefined ? adamW(settings) : muon({ ...settings, matrices, matrixRate });
  return createTrainStep({ loss, parameters, optimiser, clipNorm, sites });
}
