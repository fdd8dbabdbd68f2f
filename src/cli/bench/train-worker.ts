/** Vitrine's steps of training, in a process of their own. Started by `measure.ts`. Argument: the model. */
import { input } from "../../engine/graph/ops/leaves.js";
import { adam } from "../../engine/train/optimisers.js";
import { Parameters } from "../../engine/train/parameters.js";
import { createTrainStep } from "../../engine/train/step.js";
import { ALL_TRAIN_MODELS, type AnyTrainModelName } from "./all-train-models.js";
import { serve } from "./serve.js";
import { fill, tensorOf } from "./train-models.js";

// The native library counts as the ground that all stands on.
await import("onnxruntime-node");
const baseBytes = process.memoryUsage.rss();

const { x, target, parameters: starts, loss } = ALL_TRAIN_MODELS[process.argv[2] as AnyTrainModelName];
const initialised = starts.map((start) => ({
  name: start.name,
  shape: start.shape,
  initialise: (out: Float32Array) => {
    fill(start, out);
  },
}));
const parameters = new Parameters(initialised, { seed: 0 });
const batch = { x: tensorOf(x), target: tensorOf(target) };
const step = await createTrainStep({
  loss: loss(
    (name) => parameters.value(name),
    input("x", x.shape, batch.x.dtype),
    input("target", target.shape, batch.target.dtype),
  ),
  parameters,
  optimiser: adam({ lr: 1e-3 }),
});
await serve(async () => ({ loss: (await step.run(batch)).loss }), { baseBytes });
