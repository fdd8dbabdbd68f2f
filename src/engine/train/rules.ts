/**
 * Update rules, each written once as a formula over any arithmetic: the host kernel and the graph form are both made from it.
 *
 * @file Semantics are those of `torch.optim` (SGD, Adam, AdamW; checked against its results in the tests).
 */

/** Arithmetic on elements: code of a kernel, values of a graph. */
export interface Arithmetic<T> {
  readonly add: (a: T, b: T) => T;
  readonly sub: (a: T, b: T) => T;
  readonly mul: (a: T, b: T) => T;
  readonly div: (a: T, b: T) => T;
  readonly sqrt: (a: T) => T;
  /** The same value, computed once however often it is used. */
  readonly keep: (a: T) => T;
}

export interface Element<T> {
  readonly parameter: T;
  readonly gradient: T;
  /** Zero before the first update. */
  readonly moment1: T;
  readonly moment2: T;
}

/** The new value of what the rule changes; a rule with fewer moments leaves them out. */
export type Updated<T> = { readonly parameter: T } & Partial<Pick<Element<T>, "moment1" | "moment2">>;

export interface UpdateRule<Scalar extends string = string> {
  readonly name: string;
  readonly moments: 0 | 1 | 2;
  /** Numbers of one update: `count` updates came before it, `rate` and `decay` are those of the parameter's group. */
  scalars(count: number, rate: number, decay: number): Readonly<Record<Scalar, number>>;
  apply<T>(math: Arithmetic<T>, element: Element<T>, scalars: Readonly<Record<Scalar, T>>): Updated<T>;
}

/** Heavy-ball momentum as PyTorch has it: the velocity holds gradients, not steps; decay is added to the gradient. */
export function sgdRule(momentum: number, nesterov: boolean): UpdateRule<"rate" | "decay" | "momentum"> {
  return {
    name: "sgd",
    moments: momentum === 0 ? 0 : 1,
    scalars: (_count, rate, decay) => ({ rate, decay, momentum }),
    apply({ add, sub, mul, keep }, { parameter, gradient, moment1 }, { rate, decay, momentum: friction }) {
      const decayed = keep(add(gradient, mul(parameter, decay)));
      if (momentum === 0) return { parameter: sub(parameter, mul(decayed, rate)) };
      const velocity = keep(add(mul(moment1, friction), decayed));
      const direction = nesterov ? add(decayed, mul(velocity, friction)) : velocity;
      return { parameter: sub(parameter, mul(direction, rate)), moment1: velocity };
    },
  };
}

export interface AdamSettings {
  readonly betas: readonly [number, number];
  readonly epsilon: number;
  /** Decay shrinks the parameter itself (AdamW) instead of being added to the gradient (Adam). */
  readonly decoupled: boolean;
}

type AdamScalar = "decay" | "beta1" | "fresh1" | "beta2" | "fresh2" | "stepSize" | "correction" | "epsilon";

/** Kingma, Ba 2015; Loshchilov, Hutter 2019. Epsilon stands outside the root of the corrected second moment. */
export function adamRule({ betas: [beta1, beta2], epsilon, decoupled }: AdamSettings): UpdateRule<AdamScalar> {
  return {
    name: decoupled ? "adamW" : "adam",
    moments: 2,
    scalars: (count, rate, decay) => ({
      decay: decoupled ? 1 - rate * decay : decay,
      beta1,
      fresh1: 1 - beta1,
      beta2,
      fresh2: 1 - beta2,
      stepSize: rate / (1 - beta1 ** (count + 1)),
      correction: 1 / Math.sqrt(1 - beta2 ** (count + 1)),
      epsilon,
    }),
    apply({ add, sub, mul, div, sqrt, keep }, { parameter, gradient, moment1, moment2 }, s) {
      const slope = decoupled ? gradient : keep(add(gradient, mul(parameter, s.decay)));
      const weight = decoupled ? mul(parameter, s.decay) : parameter;
      const mean = keep(add(mul(moment1, s.beta1), mul(slope, s.fresh1)));
      const square = keep(add(mul(moment2, s.beta2), mul(mul(slope, s.fresh2), slope)));
      const size = add(mul(sqrt(square), s.correction), s.epsilon);
      return { parameter: sub(weight, div(mul(mean, s.stepSize), size)), moment1: mean, moment2: square };
    },
  };
}
