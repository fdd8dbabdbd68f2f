import type { Value } from "../engine/graph/value.js";
import type { BuiltGraph } from "../engine/graph/sites.js";
import { adamW } from "../engine/train/optimisers.js";
import type { Parameters } from "../engine/train/parameters.js";
import { warmupCosine } from "../engine/train/schedules.js";
import { createTrainStep, type TrainStep } from "../engine/train/step.js";

/** AdamW, a rate that warms up and falls along a cosine, gradients clipped by their norm. */
export interface AdamWSettings {
  readonly steps: number;
  readonly rate: number;
  readonly warmup: number;
  readonly decay: number;
  readonly betas: readonly [number, number];
  readonly clipNorm: number;
}

/** The step that makes the built loss smaller. */
export function adamWStep(
  { result: loss, sites }: BuiltGraph<Value>,
  parameters: Parameters,
  { steps, rate, warmup, decay, betas, clipNorm }: AdamWSettings,
): Promise<TrainStep> {
  return createTrainStep({
    loss,
    parameters,
    optimiser: adamW({
      lr: warmupCosine(rate, Math.min(warmup, steps - 1), steps),
      decay,
      betas,
      // Gains, offsets and scales have a natural size of their own.
      groups: [{ match: (name) => parameters.tensor(name).shape.length < 2, decay: 0 }],
    }),
    clipNorm,
    sites,
  });
}
