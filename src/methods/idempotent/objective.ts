/**
 * The objective of an idempotent generative network, with its gradient routes.
 *
 * @file Source: Shocher et al. 2024, "Idempotent Generative Network", section 2 and listing 1. D is a distance, x data, z noise, u = f(z),
 * and f' a copy of f that gets no gradient:
 * - reconstruction D(f(x), x): into f;
 * - idempotence D(f'(u), u): into the inner f alone, through the copy and through u itself, which D compares with;
 * - tightness -D(f(u), u): into the outer f alone; u counts as given.
 * Idempotence and tightness are one number with two signs; they differ in where their gradients go.
 *
 * Two terms are no part of the published objective, and count only where they are given a weight:
 * - energy, the energy distance between samples u and data (`energy.ts`): into f, through u. Idempotence alone is content with few samples;
 * - restoration D(f(x + noise), x): into f, which learns to lead what is near the data back to it (Vincent et al. 2008, denoising autoencoders).
 */
import { UsageError } from "../../engine/errors.js";
import { add, div, mul, sub } from "../../engine/graph/ops/arithmetic.js";
import { scaleGradient, stopGradient } from "../../engine/graph/ops/compare.js";
import { mean } from "../../engine/graph/ops/reduce.js";
import { abs, square, tanh } from "../../engine/graph/ops/unary.js";
import type { Value } from "../../engine/graph/value.js";
import { energyDistance } from "./energy.js";

export interface Objective {
  /** D: the mean over a picture's elements of the squares or of the magnitudes of the differences. */
  readonly distance: "squared" | "absolute";
  readonly reconstruction: number;
  readonly idempotence: number;
  readonly tightness: number;
  /**
   * Limits each picture's tightness to a·tanh(D(f(u), u) / (a·r)) · r, with r its reconstruction error. r is a constant to gradients unless `attached`,
   * as in public re-implementations, where large reconstruction errors are rewarded a little.
   */
  readonly clamp?: { readonly ratio: number; readonly attached?: boolean };
  /** Not published, by default 0: of the energy distance between samples and data. */
  readonly energy?: number;
  /** Not published, by default 0: of bringing noisy data back. */
  readonly restoration?: number;
}

/** Of the paper's short listing. */
export const LISTING: Objective = { distance: "squared", reconstruction: 1, idempotence: 1, tightness: 0.1 };
/** Of the paper's experiments. */
export const EXPERIMENTS: Objective = {
  distance: "absolute",
  reconstruction: 20,
  idempotence: 20,
  tightness: 2.5,
  clamp: { ratio: 1.5 },
};

/**
 * That of Vitrine's own models: idempotence and tightness weigh more, which makes samples better, and the energy distance draws them to the data and apart, so
 * that they do not become one picture even where batch norms' statistics are fixed.
 */
export const SPREAD: Objective = { ...LISTING, idempotence: 2, tightness: 0.4, energy: 0.05 };

/** That of a plain autoencoder. */
export function reconstructionOnly({ distance, reconstruction }: Objective): Objective {
  return { distance, reconstruction, idempotence: 0, tightness: 0 };
}

/** What a pass of the network is for. */
export type Pass = "data" | "noise" | "generated" | "noisy";

export type Weight = (name: string) => Value;

export interface ObjectiveInputs {
  /** f of pictures [B,…] with these weights. */
  readonly apply: (x: Value, weight: Weight, pass: Pass) => Value;
  readonly weight: Weight;
  /** [B,…] */
  readonly data: Value;
  /** [B,…], as data. */
  readonly noise: Value;
  /** Data with noise on it [B,…], where restoration has a weight. */
  readonly noisy?: Value;
  readonly objective: Objective;
  /** Idempotence and tightness by one backward pass, which a clamp does not allow; default wherever possible. */
  readonly fused?: boolean;
}

export interface ObjectiveValues {
  readonly loss: Value;
  /** Before weighting: scalars. Tightness is -idempotence but for the clamp. */
  readonly reconstruction: Value;
  readonly idempotence: Value;
  readonly tightness: Value;
  /** Of what has a weight beyond the published terms. */
  readonly energy?: Value;
  readonly restoration?: Value;
  /** f(z) [B,…] and f(f(z)) [B,…]. */
  readonly generated: Value;
  readonly regenerated: Value;
}

/**
 * The losses as values of one graph. Throws {@link UsageError} where restoration has a weight and nothing to restore. The outer f of idempotence and the outer f of tightness have the same values, and equal nodes are lowered
 * once: there is one forward pass for both, and no copy of the weights. A weight of 0 leaves a term's gradient out.
 */
export function idempotentObjective(inputs: ObjectiveInputs): ObjectiveValues {
  const { apply, weight, data, noise, objective } = inputs;
  const { clamp } = objective;
  const { fused = clamp === undefined && objective.tightness !== 0 && objective.idempotence !== 0 } = inputs;
  const perPicture = differences(apply(data, weight, "data"), data, objective);
  const generated = apply(noise, weight, "noise");
  const reconstruction = mean(perPicture);
  const { pull, push, regenerated } = fused ? fusedTerms(inputs, generated) : plainTerms(inputs, generated, perPicture);
  const terms = [
    mul(reconstruction, objective.reconstruction),
    ...(fused || objective.idempotence !== 0 ? [fused ? pull : mul(pull, objective.idempotence)] : []),
    ...(!fused && objective.tightness !== 0 ? [mul(push, objective.tightness)] : []),
  ];
  const published = terms.reduce((total, term) => add(total, term));
  const loss = fused ? withValue(published, total(objective, reconstruction, pull, push)) : published;
  const { energy, restoration } = unpublishedTerms(inputs, generated);
  const weighted = (term: Value | undefined, by = 0): Value[] => (term === undefined ? [] : [mul(term, by)]);
  const further = [...weighted(energy, objective.energy), ...weighted(restoration, objective.restoration)];
  return {
    loss: further.reduce((total, term) => add(total, term), loss),
    reconstruction,
    idempotence: pull,
    tightness: push,
    ...(energy && { energy }),
    ...(restoration && { restoration }),
    generated,
    regenerated,
  };
}

function unpublishedTerms(
  { apply, weight, data, noisy, objective }: ObjectiveInputs,
  generated: Value,
): { readonly energy?: Value; readonly restoration?: Value } {
  const { energy = 0, restoration = 0 } = objective;
  if (restoration !== 0 && noisy === undefined) {
    throw new UsageError({
      what: "restoration needs data with noise on it",
      where: "idempotentObjective",
      got: "no `noisy`",
      expected: "a value of the shape of `data`",
      fix: "give `noisy`, or restoration no weight",
    });
  }
  return {
    ...(energy !== 0 && { energy: energyDistance(generated, data) }),
    ...(restoration !== 0 && {
      restoration: mean(differences(apply(noisy!, weight, "noisy"), data, objective)),
    }),
  };
}

interface Terms {
  readonly pull: Value;
  readonly push: Value;
  readonly regenerated: Value;
}

function plainTerms({ apply, weight, objective }: ObjectiveInputs, generated: Value, errors: Value): Terms {
  const frozen: Weight = (name) => stopGradient(weight(name));
  const given = stopGradient(generated);
  const regenerated = apply(generated, frozen, "generated");
  const pull = mean(differences(regenerated, generated, objective));
  const apart = differences(apply(given, weight, "generated"), given, objective);
  return { pull, push: mul(mean(clamped(apart, errors, objective)), -1), regenerated };
}

/**
 * Both terms' gradients are those of D(f(u), u), times the weight of idempotence on their way into u and times minus the weight of
 * tightness on their way into the outer weights. The pulled term therefore comes weighted in its gradients, not in its value.
 */
function fusedTerms({ apply, weight, objective }: ObjectiveInputs, generated: Value): Terms {
  const outer: Weight = (name) => scaleGradient(weight(name), -objective.tightness);
  const inner = scaleGradient(generated, objective.idempotence);
  const regenerated = apply(inner, outer, "generated");
  const pull = mean(differences(regenerated, inner, objective));
  return { pull, push: mul(pull, -1), regenerated };
}

/** D of each picture: [B]. */
function differences(a: Value, b: Value, { distance }: Objective): Value {
  const difference = sub(a, b);
  const axes = a.shape.slice(1).map((_, i) => i + 1);
  return mean(distance === "squared" ? square(difference) : abs(difference), axes);
}

function clamped(apart: Value, errors: Value, { clamp }: Objective): Value {
  if (clamp === undefined) return apart;
  const limit = mul(clamp.attached ? errors : stopGradient(errors), clamp.ratio);
  return mul(tanh(div(apart, limit)), limit);
}

const total = (objective: Objective, reconstruction: Value, pull: Value, push: Value): Value =>
  add(
    mul(reconstruction, objective.reconstruction),
    add(mul(pull, objective.idempotence), mul(push, objective.tightness)),
  );

/** Gradients of `x`, value of `y`. */
function withValue(x: Value, y: Value): Value {
  return add(x, stopGradient(sub(y, x)));
}
