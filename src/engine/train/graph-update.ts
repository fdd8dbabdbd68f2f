import { add, div, minimum, mul, sub } from "../graph/ops/arithmetic.js";
import { input } from "../graph/ops/leaves.js";
import { sum } from "../graph/ops/reduce.js";
import { sqrt, square } from "../graph/ops/unary.js";
import type { Value } from "../graph/value.js";
import { compile } from "../runtime/compile.js";
import { type FloatTensor, floatTensor } from "../tensor/tensor.js";
import type { Track } from "./arena.js";
import { rangesOf } from "./ranges.js";
import type { Arithmetic } from "./rules.js";
import { parameterGradients, type TrainStepOptions } from "./step-options.js";
import { LOSS, metricName, metricsIn, scalarOf, type Update } from "./update.js";

const NORM = "gradientNorm";
const math: Arithmetic<Value> = { add, sub, mul, div, sqrt, keep: (value) => value };

/**
 * The optimiser as part of the graph, for devices where bringing gradients to the host costs more than the update: state
 * goes in, and the next state comes out. The formulas are those of the host kernel.
 */
export async function graphUpdate(options: TrainStepOptions): Promise<Update> {
  const { loss, metrics = {}, parameters, optimiser, clipNorm, ema, device } = options;
  const { rule, rate } = optimiser;
  const gradients = parameterGradients(options);
  const norm = sqrt([...gradients.values()].map((gradient) => sum(square(gradient))).reduce((a, b) => add(a, b)));
  const scale = clipNorm === undefined ? undefined : minimum(1, div(clipNorm, add(norm, 1e-6)));

  const outputs: Record<string, Value> = { [LOSS]: loss, [NORM]: norm };
  for (const [name, value] of Object.entries(metrics)) outputs[metricName(name)] = value;
  /** What the next state is copied into, by the keys of the outputs; the same views are what the state is read from. */
  const state: Record<string, FloatTensor> = {};
  const { slots } = parameters.arena;
  const ranges = rangesOf(slots, optimiser);
  for (const { name, shape, start } of slots) {
    const track = (key: Track): Value => {
      state[stateName(key, name)] = parameters.trackOf(name, key);
      return key === "parameter" ? parameters.value(name) : input(stateName(key, name), shape);
    };
    const group = ranges.findIndex((range) => start < range.end);
    const scalars = Object.keys(rule.scalars(0, 0, 0)).map((key) => [key, input(scalarName(group, key), [])] as const);
    const gradient = gradients.get(name)!;
    const parameter = track("parameter");
    const element = {
      parameter,
      gradient: scale === undefined ? gradient : mul(gradient, scale),
      moment1: rule.moments > 0 ? track("moment1") : parameter,
      moment2: rule.moments > 1 ? track("moment2") : parameter,
    };
    const updated = rule.apply(math, element, Object.fromEntries(scalars));
    for (const [key, value] of Object.entries(updated)) outputs[stateName(key as Track, name)] = value;
    if (ema !== undefined) {
      const old = track("average");
      outputs[stateName("average", name)] = add(old, mul(sub(updated.parameter, old), 1 - ema));
    }
  }
  const program = await compile(outputs, device === undefined ? {} : { device });

  return {
    async run(inputs, count) {
      const scalars = ranges.flatMap(({ decay, lrScale }, group) =>
        Object.entries(rule.scalars(count, rate(count) * lrScale, decay)).map(
          ([key, value]) => [scalarName(group, key), floatTensor(Float32Array.of(value), [])] as const,
        ),
      );
      const results = await program.run({ ...state, ...Object.fromEntries(scalars), ...inputs });
      return {
        loss: scalarOf(results[LOSS]!),
        metrics: metricsIn(results, Object.keys(metrics)),
        gradientNorm: scalarOf(results[NORM]!),
        apply() {
          for (const [key, { data }] of Object.entries(state)) data.set(results[key]!.data);
        },
      };
    },
    dispose: () => program.dispose(),
  };
}

const stateName = (track: Track, name: string): string => `${track}:${name}`;
const scalarName = (group: number, name: string): string => `scalar:${group}:${name}`;
