/**
 * Settling: from a generator whose batch norms use one bank for noise and another for pictures to one function with one bank.
 *
 * @file Trained with statistics that stay, the objective of idempotent generation collapses: all noise becomes one picture, for which it is perfectly
 * idempotent. It is batch norm in training mode that keeps samples apart. So diversity is taken from a teacher that was trained so: for each noise z
 * the student g is shown the teacher's refined sample, and besides learns to keep pictures, to bring noisy ones back, and to be idempotent itself.
 */
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { stopGradient } from "../../engine/graph/ops/compare.js";
import { meanSquaredError } from "../../engine/graph/ops/losses.js";
import type { Value } from "../../engine/graph/value.js";
import { energyDistance } from "./energy.js";

/** Weights of the terms beside the copy of the teacher, which counts 1. */
export interface SettlingWeights {
  readonly reconstruction: number;
  readonly idempotence: number;
  /** Of bringing noisy data back; 0 for none. */
  readonly restoration: number;
  /** Of the energy distance between samples and data (`energy.ts`); 0 for none. */
  readonly energy: number;
}

export interface SettlingInputs {
  /** g of pictures or noise [B,…]. */
  readonly student: (x: Value) => Value;
  /** f of noise, and of pictures, of the generator that is learnt from. */
  readonly teacher: { readonly noise: (z: Value) => Value; readonly pictures: (x: Value) => Value };
  readonly data: Value;
  readonly noise: Value;
  /** Data with noise on it [B,…]; used where restoration has a weight. */
  readonly noisy: Value;
  readonly weights: SettlingWeights;
}

/** All but the loss before weighting: scalars. */
export interface SettlingValues {
  readonly loss: Value;
  /** |g(z) - f(f(z))|², |g(x) - x|² and |g(g(z)) - g(z)|²: means over elements. */
  readonly copy: Value;
  readonly reconstruction: Value;
  readonly idempotence: Value;
  /** |g(x + noise) - x|², and the energy distance of g(z) to x, where they have a weight. */
  readonly restoration?: Value;
  readonly energy?: Value;
}

export function settlingObjective({ student, teacher, data, noise, noisy, weights }: SettlingInputs): SettlingValues {
  const target = stopGradient(teacher.pictures(teacher.noise(noise)));
  const sample = student(noise);
  const copy = meanSquaredError(sample, target);
  const terms = {
    reconstruction: meanSquaredError(student(data), data),
    idempotence: meanSquaredError(student(sample), sample),
    ...(weights.restoration !== 0 && { restoration: meanSquaredError(student(noisy), data) }),
    ...(weights.energy !== 0 && { energy: energyDistance(sample, data) }),
  };
  const names = Object.keys(terms) as (keyof SettlingWeights)[];
  const loss = names.reduce((total, name) => add(total, mul(terms[name]!, weights[name])), copy);
  return { loss, copy, ...terms };
}
