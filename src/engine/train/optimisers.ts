/** Optimisers: an update rule, a learning rate over time, and settings per group of parameters. */
import { UsageError } from "../errors.js";
import { adamRule, sgdRule, type UpdateRule } from "./rules.js";
import { constantRate, type Schedule } from "./schedules.js";

/** Settings for the parameters that `match` finds. Of several groups that set the same thing, the last one holds. */
export interface ParameterGroup {
  readonly match: RegExp | ((name: string) => boolean);
  readonly decay?: number;
  /** Factor on the learning rate; a function of the name serves layer-wise scales. */
  readonly lrScale?: number | ((name: string) => number);
}

export interface OptimiserSettings {
  readonly lr: number | Schedule;
  /** Weight decay; default 0. */
  readonly decay?: number;
  readonly groups?: readonly ParameterGroup[];
}

/** What a group setting comes to for one parameter. */
export interface ParameterSettings {
  readonly decay: number;
  readonly lrScale: number;
  /** Of how many matrices the parameter is made, each with an update that is made orthogonal; 0 where `rule` holds. */
  readonly matrices: number;
}

export function sameSettings(a: ParameterSettings, b: ParameterSettings): boolean {
  return a.decay === b.decay && a.lrScale === b.lrScale && a.matrices === b.matrices;
}

export interface Optimiser {
  readonly name: string;
  /** For each element by itself. */
  readonly rule: UpdateRule;
  /** Of the updates of matrices. */
  readonly momentum: number;
  readonly rate: Schedule;
  settingsOf(name: string): ParameterSettings;
}

export interface SgdOptions extends OptimiserSettings {
  /** Default 0. */
  readonly momentum?: number;
  /** Default false. */
  readonly nesterov?: boolean;
}

export interface AdamOptions extends OptimiserSettings {
  /** Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8; must be positive. */
  readonly epsilon?: number;
}

export interface MatrixGroup {
  readonly match: ParameterGroup["match"];
  /** How many matrices lie one after the other along the first axis, as queries, keys and values do in one projection; default 1. */
  readonly stacked?: number;
}

export interface MuonOptions extends AdamOptions {
  /** Parameters of two axes or more whose update is made orthogonal (`muon.ts`); the others follow AdamW. */
  readonly matrices: readonly MatrixGroup[];
  /** Factor on the learning rate of matrices, beside that of their group; default 1. */
  readonly matrixRate?: number;
  /** Of the updates of matrices; default 0.95. */
  readonly momentum?: number;
}

/** Throws {@link UsageError} for settings out of range, as do the other optimisers. */
export function sgd({ momentum = 0, nesterov = false, ...settings }: SgdOptions): Optimiser {
  checkRange("momentum", momentum, 0, 1);
  if (nesterov && momentum === 0) throw new UsageError({ what: "nesterov needs a momentum" });
  return optimiser(sgdRule(momentum, nesterov), settings);
}

/** Decay is added to the gradient, as L2 regularisation. */
export function adam(options: AdamOptions): Optimiser {
  return adamLike(options, false);
}

/** Decay is decoupled from the gradient. */
export function adamW(options: AdamOptions): Optimiser {
  return adamLike(options, true);
}

/** Muon for matrices, AdamW for all else. Rates and decay are on AdamW's scale; matrices usually bear a few times the rate. */
export function muon({ matrices, matrixRate = 1, momentum = 0.95, ...options }: MuonOptions): Optimiser {
  checkRange("momentum", momentum, 0, 1);
  const others = adamLike(options, true);
  return {
    ...others,
    name: "muon",
    momentum,
    settingsOf(name) {
      const settings = others.settingsOf(name);
      const group = matrices.find(({ match }) => matches(match, name));
      if (group === undefined) return settings;
      return { ...settings, lrScale: settings.lrScale * matrixRate, matrices: group.stacked ?? 1 };
    },
  };
}

function adamLike({ betas = [0.9, 0.999], epsilon = 1e-8, ...settings }: AdamOptions, decoupled: boolean): Optimiser {
  for (const beta of betas) checkRange("beta", beta, 0, 1);
  if (!(epsilon > 0)) throw new UsageError({ what: "bad epsilon", got: String(epsilon), expected: "more than 0" });
  return optimiser(adamRule({ betas, epsilon, decoupled }), settings);
}

function optimiser(rule: UpdateRule, { lr, decay = 0, groups = [] }: OptimiserSettings): Optimiser {
  checkRange("decay", decay, 0, Infinity);
  for (const group of groups) if (group.decay !== undefined) checkRange("decay", group.decay, 0, Infinity);
  if (typeof lr === "number") checkRange("lr", lr, 0, Infinity);
  return {
    name: rule.name,
    rule,
    momentum: 0,
    rate: typeof lr === "number" ? constantRate(lr) : lr,
    settingsOf(name) {
      let settings: ParameterSettings = { decay, lrScale: 1, matrices: 0 };
      for (const { match, decay: groupDecay, lrScale } of groups) {
        if (!matches(match, name)) continue;
        settings = {
          ...settings,
          decay: groupDecay ?? settings.decay,
          lrScale: (typeof lrScale === "function" ? lrScale(name) : lrScale) ?? settings.lrScale,
        };
      }
      return settings;
    },
  };
}

function matches(match: ParameterGroup["match"], name: string): boolean {
  // Not `test`: a global expression would remember where it stopped.
  return typeof match === "function" ? match(name) : name.search(match) >= 0;
}

function checkRange(what: string, value: number, from: number, below: number): void {
  if (value >= from && value < below) return;
  throw new UsageError({ what: `bad ${what}`, got: String(value), expected: `from ${from} to below ${below}` });
}
