import type { Value } from "../graph/value.js";
import { compile } from "../runtime/compile.js";
import type { FloatTensor } from "../tensor/tensor.js";
import { HostKernel } from "./host-kernel.js";
import { matrixUpdate } from "./matrix-update.js";
import { parameterGradients, type TrainStepOptions } from "./step-options.js";
import { clipScale, gradientName, LOSS, metricName, metricsIn, scalarOf, type Update } from "./update.js";

/** Gradients from the graph, written where the kernel reads them; the optimiser as one pass over memory; matrices as a graph. */
export async function hostUpdate(options: TrainStepOptions): Promise<Update> {
  const { loss, metrics = {}, parameters, optimiser, clipNorm, ema } = options;
  const outputs: Record<string, Value> = { [LOSS]: loss };
  for (const [name, value] of Object.entries(metrics)) outputs[metricName(name)] = value;
  const into: Record<string, FloatTensor> = {};
  // Graphs run in the order in which results are asked for (`lower`). Back from the loss, each layer's activations can be
  // let go once its gradients are there; the other way round, all would be held to the end.
  for (const [name, value] of [...parameterGradients(options)].reverse()) {
    outputs[gradientName(name)] = value;
    into[gradientName(name)] = parameters.trackOf(name, "gradient");
  }
  const kernel = new HostKernel(parameters.arena, optimiser, ema);
  const program = await compile(outputs);
  const matrices = await matrixUpdate(options);
  return {
    async run(inputs, count) {
      const results = await program.run(inputs, into);
      const gradientNorm = kernel.gradientNorm();
      return {
        loss: scalarOf(results[LOSS]!),
        metrics: metricsIn(results, Object.keys(metrics)),
        gradientNorm,
        async apply() {
          const gradientScale = clipScale(gradientNorm, clipNorm);
          kernel.update({ count, gradientScale });
          await matrices?.update(count, gradientScale);
        },
      };
    },
    async dispose() {
      await program.dispose();
      await matrices?.dispose();
    },
  };
}
