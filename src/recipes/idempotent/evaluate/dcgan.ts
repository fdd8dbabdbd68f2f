/** A small DCGAN out of the two halves of the same network (Radford et al. 2016): what samples are compared with. */
import { add } from "../../../engine/graph/ops/arithmetic.js";
import { stopGradient } from "../../../engine/graph/ops/compare.js";
import { input } from "../../../engine/graph/ops/leaves.js";
import { mean } from "../../../engine/graph/ops/reduce.js";
import { linear } from "../../../engine/graph/ops/matmul.js";
import { neg, softplus } from "../../../engine/graph/ops/unary.js";
import type { Value } from "../../../engine/graph/value.js";
import { compile } from "../../../engine/runtime/compile.js";
import { type FloatTensor, floatTensor } from "../../../engine/tensor/tensor.js";
import { normal, zeros } from "../../../engine/train/initialise.js";
import { adam } from "../../../engine/train/optimisers.js";
import { Parameters } from "../../../engine/train/parameters.js";
import { seeded } from "../../../engine/train/seeds.js";
import { createTrainStep } from "../../../engine/train/step.js";
import { gaussianNoise } from "../../../methods/idempotent/noise.js";
import { layersOf } from "../../../models/idempotent/architecture.js";
import { batchStatistics, decode, encode } from "../../../models/idempotent/network.js";
import { idempotentDeclarations } from "../../../models/idempotent/trainable.js";
import type { GeneratorSettings } from "../settings.js";
import type { Pictures } from "../train.js";
import { DCGAN_RATE } from "./settings.js";

/** Samples of a run: batch norms see so many at once. */
const SAMPLED = 250;

/** Trains for as many steps of each half as the generators have, and returns `count` samples [count,C,S,S]. */
export async function dcganSamples(
  settings: GeneratorSettings,
  pictures: Pictures,
  count: number,
): Promise<FloatTensor> {
  const { architecture, seed, steps, batch, betas } = settings;
  const { latent } = layersOf(architecture);
  const isCritic = (name: string): boolean => name.startsWith("down.") || name.startsWith("latent.in.");
  const declared = idempotentDeclarations(architecture);
  const maker = new Parameters(
    declared.filter(({ name }) => !isCritic(name)),
    { seed },
  );
  const critic = new Parameters(
    [
      ...declared.filter(({ name }) => isCritic(name)),
      { name: "score.weight", shape: [1, latent.width], initialise: normal(0.02) },
      { name: "score.bias", shape: [1], initialise: zeros },
    ],
    { seed },
  );
  const make = (z: Value): Value =>
    decode(z, { architecture, weight: (name) => maker.value(name), statistics: batchStatistics });
  const score = (x: Value): Value => {
    const features = encode(x, { architecture, weight: (name) => critic.value(name), statistics: batchStatistics });
    return linear(features, critic.value("score.weight"), critic.value("score.bias"));
  };
  const shape = [batch, architecture.channels, architecture.size, architecture.size];
  const z = input("z", [batch, latent.width]);
  const made = make(z);
  // -log σ(s) for what is to be taken for real, -log(1 - σ(s)) for the rest.
  const real = mean(softplus(neg(score(input("x", shape)))));
  const fake = mean(softplus(score(stopGradient(made))));
  const optimiser = adam({ lr: DCGAN_RATE, betas });
  await using judging = await createTrainStep({ loss: add(real, fake), parameters: critic, optimiser });
  await using making = await createTrainStep({ loss: mean(softplus(neg(score(made)))), parameters: maker, optimiser });
  const noise = (purpose: string, n: number, rows: number): FloatTensor =>
    gaussianNoise(seeded(seed, purpose, n), rows, [latent.width]);
  for (let n = 0; n < steps; n++) {
    await judging.run({ ...maker.inputs(), x: pictures(n * batch, batch), z: noise("critic", n, batch) });
    await making.run({ ...critic.inputs(), z: noise("maker", n, batch) });
  }
  await using program = await compile({ image: make(input("z", [SAMPLED, latent.width])) });
  const size = shape.slice(1).reduce((a, b) => a * b, 1);
  const samples = new Float32Array(Math.ceil(count / SAMPLED) * SAMPLED * size);
  for (let at = 0; at * SAMPLED < count; at++) {
    const { image } = await program.run({ ...maker.inputs(), z: noise("samples", at, SAMPLED) });
    samples.set(image.data, at * SAMPLED * size);
  }
  return floatTensor(samples.subarray(0, count * size), [count, ...shape.slice(1)]);
}
