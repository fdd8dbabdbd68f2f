/**
 * Settling: from a generator whose batch norms use one bank for noise and another for pictures to one function with one bank.
 *
 * @file Trained with statistics that stay, the objective of idempotent generation collapses: all noise becomes one picture, for which it is perfectly
 * idempotent. It is batch norm in training mode that keeps samples apart. So diversity is taken from a teacher that was trained so: for each noise z
 * the student g is shown the teacher's refined sample, and besides learns to keep pictures, and to be idempotent itself.
 */
import { add, mul } from "../../engine/graph/ops/arithmetic.js";
import { stopGradient } from "../../engine/graph/ops/compare.js";
import { meanSquaredError } from "../../engine/graph/ops/losses.js";
import type { Value } from "../../engine/graph/value.js";

export interface SettlingInputs {
  /** g of pictures or noise [B,…]. */
  readonly student: (x: Value) => Value;
  /** f of noise, and of pictures, of the generator that is learnt from. */
  readonly teacher: { readonly noise: (z: Value) => Value; readonly pictures: (x: Value) => Value };
  readonly data: Value;
  readonly noise: Value;
  /** Weight of idempotence beside the other two, which count 1. */
  readonly idempotence: number;
}

export interface SettlingValues {
  /** The sum of the other three, idempotence by its weight. */
  readonly loss: Value;
  /** |g(z) - f(f(z))|², |g(x) - x|² and |g(g(z)) - g(z)|²: means over elements. */
  readonly copy: Value;
  readonly reconstruction: Value;
  readonly idempotence: Value;
}

export function settlingObjective({
  student,
  teacher,
  data,
  noise,
  idempotence: weight,
}: SettlingInputs): SettlingValues {
  const target = stopGradient(teacher.pictures(teacher.noise(noise)));
  const sample = student(noise);
  const copy = meanSquaredError(sample, target);
  const reconstruction = meanSquaredError(student(data), data);
  const idempotence = meanSquaredError(student(sample), sample);
  return { loss: add(copy, add(reconstruction, mul(idempotence, weight))), copy, reconstruction, idempotence };
}
