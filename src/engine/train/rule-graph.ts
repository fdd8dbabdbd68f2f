/** The update of parameters as a graph: state goes in, and the next state comes out. */
import { add, div, mul, sub } from "../graph/ops/arithmetic.js";
import { input } from "../graph/ops/leaves.js";
import { sqrt } from "../graph/ops/unary.js";
import type { Value } from "../graph/value.js";
import { type FloatTensor, floatTensor, type Tensor } from "../tensor/tensor.js";
import type { Slot, Track } from "./arena.js";
import { type MuonScalar, muonScalars, muonUpdate } from "./muon.js";
import { type Optimiser, type ParameterSettings, sameSettings } from "./optimisers.js";
import type { Parameters } from "./parameters.js";
import type { Arithmetic, Element } from "./rules.js";

export interface RuleGraphOptions {
  readonly slots: readonly Slot[];
  readonly parameters: Parameters;
  readonly optimiser: Optimiser;
  /** Scaled already. */
  readonly gradient: (name: string) => Value;
  readonly ema: number | undefined;
}

export interface RuleGraph {
  /** The next state. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** Views of the state, by the keys of `outputs`: what the graph reads beside the parameters, and where results belong. */
  readonly state: Readonly<Record<string, FloatTensor>>;
  /** Inputs of the update that `count` others came before. */
  scalars(count: number): Record<string, FloatTensor>;
}

const math: Arithmetic<Value> = { add, sub, mul, div, sqrt, keep: (value) => value };

/** The formulas are those of the host kernel, and for matrices those of `muon.ts`. */
export function ruleGraph({ slots, parameters, optimiser, gradient, ema }: RuleGraphOptions): RuleGraph {
  const outputs: Record<string, Value> = {};
  const state: Record<string, FloatTensor> = {};
  const groups: ParameterSettings[] = [];
  for (const { name, shape } of slots) {
    const track = (key: Track): Value => {
      state[stateName(key, name)] = parameters.trackOf(name, key);
      return key === "parameter" ? parameters.value(name) : input(stateName(key, name), shape);
    };
    const settings = optimiser.settingsOf(name);
    const group = groupOf(settings, groups);
    const scalars = Object.fromEntries(
      Object.keys(scalarsOf(optimiser, settings, 0)).map((key) => [key, input(scalarName(group, key), [])]),
    );
    const { moments } = optimiser.rule;
    const parameter = track("parameter");
    const element: Element<Value> = {
      parameter,
      gradient: gradient(name),
      moment1: moments > 0 ? track("moment1") : parameter,
      moment2: moments > 1 && settings.matrices === 0 ? track("moment2") : parameter,
    };
    const updated =
      settings.matrices > 0
        ? muonUpdate(element, scalars as Record<MuonScalar, Value>, settings.matrices)
        : optimiser.rule.apply(math, element, scalars);
    for (const [key, value] of Object.entries(updated)) outputs[stateName(key as Track, name)] = value;
    if (ema !== undefined) {
      const old = track("average");
      outputs[stateName("average", name)] = add(old, mul(sub(updated.parameter, old), 1 - ema));
    }
  }
  return {
    outputs,
    state,
    scalars: (count) =>
      Object.fromEntries(
        groups.flatMap((settings, group) =>
          Object.entries(scalarsOf(optimiser, settings, count)).map(([key, value]) => [
            scalarName(group, key),
            floatTensor(Float32Array.of(value), []),
          ]),
        ),
      ),
  };
}

/** Makes the results the state. */
export function store(results: Readonly<Record<string, Tensor>>, state: RuleGraph["state"]): void {
  for (const [key, { data }] of Object.entries(state)) data.set(results[key]!.data);
}

/** What an update of parameters with these settings is told. */
function scalarsOf(
  { rule, rate, momentum }: Optimiser,
  { lrScale, decay, matrices }: ParameterSettings,
  count: number,
): Readonly<Record<string, number>> {
  const scaled = rate(count) * lrScale;
  return matrices > 0 ? muonScalars(scaled, decay, momentum) : rule.scalars(count, scaled, decay);
}

/** The place of these settings among `groups`, which they join if they are new. */
function groupOf(settings: ParameterSettings, groups: ParameterSettings[]): number {
  const found = groups.findIndex((group) => sameSettings(group, settings));
  return found >= 0 ? found : groups.push(settings) - 1;
}

const stateName = (track: Track, name: string): string => `${track}:${name}`;
const scalarName = (group: number, name: string): string => `scalar:${group}:${name}`;
