import { add, div, minimum, mul } from "../graph/ops/arithmetic.js";
import { sum } from "../graph/ops/reduce.js";
import { sqrt, square } from "../graph/ops/unary.js";
import type { Value } from "../graph/value.js";
import { compile } from "../runtime/compile.js";
import { ruleGraph, store } from "./rule-graph.js";
import { parameterGradients, type TrainStepOptions } from "./step-options.js";
import { LOSS, metricName, metricsIn, scalarOf, type Update } from "./update.js";

const NORM = "gradientNorm";

/** The optimiser as part of the graph, for devices where bringing gradients to the host costs more than the update. */
export async function graphUpdate(options: TrainStepOptions): Promise<Update> {
  const { loss, metrics = {}, parameters, optimiser, clipNorm, ema, device } = options;
  const gradients = parameterGradients(options);
  const norm = sqrt([...gradients.values()].map((gradient) => sum(square(gradient))).reduce((a, b) => add(a, b)));
  const scale = clipNorm === undefined ? undefined : minimum(1, div(clipNorm, add(norm, 1e-6)));
  const rules = ruleGraph({
    slots: parameters.arena.slots,
    parameters,
    optimiser,
    gradient: (name) => (scale === undefined ? gradients.get(name)! : mul(gradients.get(name)!, scale)),
    ema,
  });
  const outputs: Record<string, Value> = { [LOSS]: loss, [NORM]: norm, ...rules.outputs };
  for (const [name, value] of Object.entries(metrics)) outputs[metricName(name)] = value;
  const program = await compile(outputs, device === undefined ? {} : { device });

  return {
    async run(inputs, count) {
      const results = await program.run({ ...rules.state, ...rules.scalars(count), ...inputs });
      return {
        loss: scalarOf(results[LOSS]!),
        metrics: metricsIn(results, Object.keys(metrics)),
        gradientNorm: scalarOf(results[NORM]!),
        apply() {
          store(results, rules.state);
          return Promise.resolve();
        },
      };
    },
    dispose: () => program.dispose(),
  };
}
