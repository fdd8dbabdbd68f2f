import { z } from "zod";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import { distances, idempotenceRatios, refine } from "../methods/idempotent/project.js";
import { sampleNoise } from "../methods/idempotent/sample-noise.js";
import { drawSeed } from "./generator.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";

/** Samples that are made at once. */
const BATCH = 4;
const number = z.int().min(0).max(1_000_000);

const params = z.strictObject({
  model: modelRef,
  /** Of the noise: sample k of a seed is always the same. */
  seed: drawSeed.default(0),
  /** How often f is applied: 1 samples, more refine. */
  steps: z.int().min(1).max(10).default(1),
  /** Samples, or steps of the way. */
  count: z.int().min(1).max(64).default(12),
  /** Numbers of two samples: the way from one to the other. */
  between: z.tuple([number, number]).optional(),
  /** Numbers of three samples a, b and c: these, and what becomes of the noise a - b + c. Left aside where there is `between`. */
  arithmetic: z.tuple([number, number, number]).optional(),
});

export interface DrawnSamples {
  /** [N,C,S,S], from -1 to 1. */
  readonly samples: FloatTensor;
  /** [N]: how far one more pass moves each, roots of mean squares. */
  readonly drifts: readonly number[];
  /** How far one more pass moves them all, as a share of the way from the noise to f(z). */
  readonly ratio: number;
}

export const samplesJob = job({
  summary: "Pictures out of noise, a way between two of them, or a sum of three, by an idempotent generator.",
  params,
  async run({ models }, { model, seed, steps, count, between, arithmetic }, control): Promise<DrawnSamples> {
    const open = await models.openGenerator(model, control);
    const { noise } = sampleNoise(open, seed, {
      count,
      ...(between && { between: [between] }),
      ...(arithmetic && { arithmetic: [arithmetic] }),
    });
    control.signal.throwIfAborted();
    const results = await refine(open.generator, noise, steps + 1, { batch: BATCH });
    const samples = results[steps - 1]!;
    return {
      samples,
      drifts: [...distances(results[steps]!, samples)],
      ratio: idempotenceRatios(noise, results).at(-1)!,
    };
  },
});
