/** A small problem to train on: a two-layer network that learns a fixed function of random points. */
import { add } from "../../../src/engine/graph/ops/arithmetic.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { meanSquaredError } from "../../../src/engine/graph/ops/losses.js";
import { linear } from "../../../src/engine/graph/ops/matmul.js";
import { tanh } from "../../../src/engine/graph/ops/unary.js";
import { site } from "../../../src/engine/graph/scope.js";
import { buildWithSites } from "../../../src/engine/graph/sites.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { floatTensor, type Tensor } from "../../../src/engine/tensor/tensor.js";
import { normal, zeros } from "../../../src/engine/train/initialise.js";
import { adamW } from "../../../src/engine/train/optimisers.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { warmupCosine } from "../../../src/engine/train/schedules.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { createTrainStep, type TrainStep } from "../../../src/engine/train/step.js";
import type { TrainStepOptions } from "../../../src/engine/train/step-options.js";

const BATCH = 16;
const INPUTS = 3;
const HIDDEN = 20;

export function tinyParameters({ freezeFirst = false } = {}): Parameters {
  return new Parameters(
    [
      { name: "first.weight", shape: [HIDDEN, INPUTS], initialise: normal(0.6), trainable: !freezeFirst },
      { name: "first.bias", shape: [HIDDEN], initialise: zeros, trainable: !freezeFirst },
      { name: "second.weight", shape: [1, HIDDEN], initialise: normal(0.2) },
      { name: "second.bias", shape: [1], initialise: zeros },
    ],
    { seed: 5 },
  );
}

export function tinyLoss(parameters: Parameters): { readonly loss: Value; readonly sites: ReadonlyMap<string, Value> } {
  const { result, sites } = buildWithSites(() => {
    const x = input("x", [BATCH, INPUTS]);
    const hidden = site("hidden", linear(x, parameters.value("first.weight"), parameters.value("first.bias")));
    const y = site("y", linear(tanh(hidden), parameters.value("second.weight"), parameters.value("second.bias")));
    return meanSquaredError(y, add(input("y", [BATCH, 1]), 0));
  });
  return { loss: result, sites };
}

export async function tinyStep(
  options: Partial<TrainStepOptions> & { readonly parameters?: Parameters } = {},
): Promise<TrainStep> {
  const { parameters = tinyParameters(), ...rest } = options;
  const optimiser = adamW({ lr: warmupCosine(0.03, 10, 200), decay: 0.01, groups: [{ match: /bias$/, decay: 0 }] });
  return createTrainStep({ ...tinyLoss(parameters), parameters, optimiser, clipNorm: 1, ema: 0.9, ...rest });
}

/** A pure function of the step, as `train` wants it. */
export function tinyBatch(step: number): Record<string, Tensor> {
  const random = seeded(7, "batch", step);
  const x = Float32Array.from({ length: BATCH * INPUTS }, () => random.uniform() * 2 - 1);
  const y = Float32Array.from({ length: BATCH }, (_, i) => x[i * INPUTS]! * x[i * INPUTS + 1]! + x[i * INPUTS + 2]!);
  return { x: floatTensor(x, [BATCH, INPUTS]), y: floatTensor(y, [BATCH, 1]) };
}
