/** What decides what an idempotent generator becomes, whatever it is trained on. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { Objective } from "../../methods/idempotent/objective.js";
import type { SettlingWeights } from "../../methods/idempotent/settle.js";
import type { IdempotentArchitecture } from "../../models/idempotent/architecture.js";

export interface GeneratorSettings {
  readonly recipe: string;
  readonly architecture: IdempotentArchitecture;
  readonly objective: Objective;
  readonly noise: "gaussian" | "fourier";
  /** Which pictures, where they are not the recipe's own world: told by their content. */
  readonly data?: string;
  readonly seed: number;
  readonly steps: number;
  /** The last share of the steps, in which the generator settles to one function of one picture (`settle.ts`). */
  readonly settling: number;
  readonly batch: number;
  /** Learning rates at the start of either part; both fall to 0 along a cosine. */
  readonly rate: number;
  readonly settlingRate: number;
  /** Factor on the rates of kernels, which Muon then updates. Undefined: Adam does. */
  readonly matrixRate?: number;
  readonly settlingWeights: SettlingWeights;
  /** What restoration restores has white noise of up to this deviation; each picture its own. */
  readonly deviation: number;
  readonly betas: readonly [number, number];
  /** Share of its old value that the running average of the weights holds on to at each step. */
  readonly average: number;
}

/** Of all that settles here: pictures count more than samples, which have the teacher to go by. */
export const SETTLING: SettlingWeights = { reconstruction: 3, idempotence: 5, restoration: 6, energy: 0.05 };

/** What a run is compared by when it resumes. */
export function recipeOf({ architecture, objective, settlingWeights, betas, ...rest }: GeneratorSettings): Recipe {
  const { clamp, ...terms } = objective;
  return {
    ...rest,
    architecture: { ...architecture },
    objective: { ...terms, ...(clamp && { clamp: { ...clamp } }) },
    settlingWeights: { ...settlingWeights },
    betas: [...betas],
  };
}
