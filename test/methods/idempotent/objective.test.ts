/** The gradient routes of the objective, each against finite differences; and one backward pass against two. */
import { describe, expect, test } from "vitest";
import { gradients } from "../../../src/engine/graph/gradients.js";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { adam } from "../../../src/engine/train/optimisers.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { createTrainStep } from "../../../src/engine/train/step.js";
import { countFlops } from "../../../src/engine/graph/flops.js";
import { gaussianNoise } from "../../../src/methods/idempotent/noise.js";
import {
  EXPERIMENTS,
  idempotentObjective,
  LISTING,
  type Objective,
  type ObjectiveInputs,
  type ObjectiveValues,
} from "../../../src/methods/idempotent/objective.js";
import { settlingObjective } from "../../../src/methods/idempotent/settle.js";
import { batchStatistics, idempotentNetwork } from "../../../src/models/idempotent/network.js";
import { idempotentDeclarations } from "../../../src/models/idempotent/trainable.js";
import { plainEnergy } from "./plain-energy.js";
import {
  perceptron,
  perceptronDeclarations,
  plainPerceptron,
  SHAPES,
  twoGaussians,
  type Weights,
} from "./two-gaussians.js";

const ALONE = { reconstruction: 0, idempotence: 0, tightness: 0 };
const COUNT = 6;
/** Of the noise on data that is to be restored. */
const DAMAGE = 0.3;

/** A term as its definition says: `theta` moves, `held` does not. */
type Definition = (x: number, z: number, theta: Weights, held: Weights) => number;

const away = { squared: (d: number) => d * d, absolute: Math.abs };
const f = plainPerceptron;

function routes(distance: Objective["distance"]): Record<string, [Objective, Definition]> {
  const d = away[distance];
  const tight: Definition = (_x, z, theta, held) => -d(f(f(z, held), theta) - f(z, held));
  const clamp =
    (ratio: number, errorOf: Definition): Definition =>
    (x, z, theta, held) => {
      const limit = ratio * errorOf(x, z, theta, held);
      return limit * Math.tanh(tight(x, z, theta, held) / limit);
    };
  const tightness: Objective = { ...ALONE, distance, tightness: 1 };
  return {
    reconstruction: [{ ...ALONE, distance, reconstruction: 1 }, (x, _z, theta) => d(f(x, theta) - x)],
    idempotence: [
      { ...ALONE, distance, idempotence: 1 },
      (_x, z, theta, held) => d(f(f(z, theta), held) - f(z, theta)),
    ],
    tightness: [tightness, tight],
    restoration: [{ ...ALONE, distance, restoration: 1 }, (x, z, theta) => d(f(x + DAMAGE * z, theta) - x)],
    "tightness within a constant limit": [
      { ...tightness, clamp: { ratio: 1.5 } },
      clamp(1.5, (x, _z, _theta, held) => d(f(x, held) - x)),
    ],
    "tightness within a limit that learns": [
      { ...tightness, clamp: { ratio: 1.5, attached: true } },
      clamp(1.5, (x, _z, theta) => d(f(x, theta) - x)),
    ],
  };
}

function graphInputs(parameters: Parameters): Omit<ObjectiveInputs, "objective"> {
  const [data, noise] = [input("x", [COUNT, 1]), input("z", [COUNT, 1])];
  return {
    apply: perceptron,
    weight: (name) => parameters.value(name),
    data,
    noise,
    noisy: add(data, mul(noise, DAMAGE)),
  };
}

const weightsOf = (parameters: Parameters): Weights =>
  Object.fromEntries(SHAPES.map(([name]) => [name, Float64Array.from(parameters.tensor(name).data)]));

/** The graph's gradients of `loss` are the finite differences of `lossAt`. */
async function expectSlopes(
  parameters: Parameters,
  { loss, x, z }: { readonly loss: Value; readonly x: Float32Array; readonly z: Float32Array },
  lossAt: (theta: Weights) => number,
): Promise<void> {
  const names = parameters.trainable;
  const slopes = gradients(
    loss,
    names.map((name) => parameters.value(name)),
  );
  await using program = await compile(Object.fromEntries(names.map((name, i) => [name, slopes[i]!])));
  const found = await program.run({
    ...parameters.inputs(),
    x: floatTensor(x, [COUNT, 1]),
    z: floatTensor(z, [COUNT, 1]),
  });
  const held = weightsOf(parameters);
  const step = 1e-6;
  for (const [name] of SHAPES) {
    for (let i = 0; i < held[name]!.length; i += 7) {
      const moved = (by: number): Weights => ({ ...held, [name]: held[name]!.with(i, held[name]![i]! + by) });
      const slope = (lossAt(moved(step)) - lossAt(moved(-step))) / (2 * step);
      expect(Math.abs(found[name]!.data[i]! - slope), `${name}[${i}]`).toBeLessThan(
        1e-4 * Math.max(0.1, Math.abs(slope)),
      );
    }
  }
}

const drawn = (): { x: Float32Array; z: Float32Array } => ({
  x: twoGaussians(new Random(1), COUNT),
  z: gaussianNoise(new Random(2), COUNT, [1]).data,
});

describe.each(["squared", "absolute"] as const)("%s distance", (distance) => {
  test.each(Object.entries(routes(distance)))(
    "%s sends its gradient where it should",
    async (_name, [objective, of]) => {
      const parameters = new Parameters(perceptronDeclarations, { seed: 3 });
      const { x, z } = drawn();
      const { loss } = idempotentObjective({ ...graphInputs(parameters), objective });
      const held = weightsOf(parameters);
      await expectSlopes(parameters, { loss, x, z }, (theta) => {
        return Array.from(x).reduce((sum, one, i) => sum + of(one, z[i]!, theta, held), 0) / COUNT;
      });
    },
  );
});

/** Samples under these weights, and data. */
const energyAt = (x: Float32Array, z: Float32Array, theta: Weights): number =>
  plainEnergy(
    Float64Array.from(z, (value) => f(value, theta)),
    Float64Array.from(x),
    1,
  );

test("the energy distance sends its gradient into f through samples, beside terms that share a backward pass", async () => {
  const parameters = new Parameters(perceptronDeclarations, { seed: 3 });
  const { x, z } = drawn();
  const held = weightsOf(parameters);
  const both = { idempotence: 0.5, tightness: 0.25 };
  const { loss } = idempotentObjective({
    ...graphInputs(parameters),
    objective: { ...ALONE, ...both, distance: "squared", energy: 2 },
  });
  await expectSlopes(parameters, { loss, x, z }, (theta) => {
    const apart = (inner: Weights, outer: Weights): number =>
      Array.from(z).reduce((sum, value) => sum + (f(f(value, inner), outer) - f(value, inner)) ** 2, 0) / COUNT;
    return both.idempotence * apart(theta, held) - both.tightness * apart(held, theta) + 2 * energyAt(x, z, theta);
  });
});

test("restoration needs something to restore", () => {
  const { apply, weight, data, noise } = graphInputs(new Parameters(perceptronDeclarations, { seed: 3 }));
  const objective: Objective = { ...ALONE, distance: "squared", restoration: 1 };
  expect(() => idempotentObjective({ apply, weight, data, noise, objective })).toThrow("data with noise on it");
});

test("settling sends its gradients into the student alone, by its weights", async () => {
  const parameters = new Parameters(perceptronDeclarations, { seed: 3 });
  const { x, z } = drawn();
  const held = weightsOf(parameters);
  const weights = { reconstruction: 0.5, idempotence: 2, restoration: 0.75, energy: 1.5 };
  const { data, noise, noisy, apply, weight } = graphInputs(parameters);
  // The teacher has the same weights, which count as given.
  const teacher = (one: Value): Value => apply(one, weight, "noise");
  const { loss } = settlingObjective({
    student: (one) => apply(one, weight, "data"),
    teacher: { noise: teacher, pictures: teacher },
    data,
    noise,
    noisy: noisy!,
    weights,
  });
  await expectSlopes(parameters, { loss, x, z }, (theta) => {
    const average = (of: (x: number, z: number) => number): number =>
      Array.from(x).reduce((sum, one, i) => sum + of(one, z[i]!) ** 2, 0) / COUNT;
    return (
      average((_x, one) => f(one, theta) - f(f(one, held), held)) +
      weights.reconstruction * average((one) => f(one, theta) - one) +
      weights.idempotence * average((_x, one) => f(f(one, theta), theta) - f(one, theta)) +
      weights.restoration * average((one, two) => f(one + DAMAGE * two, theta) - one) +
      weights.energy * energyAt(x, z, theta)
    );
  });
});

/** A small convolutional generator with batch norm in training mode, on random pictures. */
function convolutional(
  objective: Objective,
  fused?: boolean,
): { parameters: Parameters; values: ObjectiveValues; feeds: Record<string, FloatTensor> } {
  const architecture = { size: 16, channels: 1, width: 4 } as const;
  const parameters = new Parameters(idempotentDeclarations(architecture), { seed: 5 });
  const shape = [8, 1, 16, 16];
  const inputs: ObjectiveInputs = {
    apply: (x: Value, weight) => idempotentNetwork(x, { architecture, weight, statistics: batchStatistics }),
    weight: (name) => parameters.value(name),
    data: input("x", shape),
    noise: input("z", shape),
    objective,
    ...(fused === undefined ? {} : { fused }),
  };
  const feeds = { x: gaussianNoise(new Random(1), 8, [1, 16, 16]), z: gaussianNoise(new Random(2), 8, [1, 16, 16]) };
  return { parameters, values: idempotentObjective(inputs), feeds };
}

const UNCLAMPED: Objective = { distance: "absolute", reconstruction: 20, idempotence: 20, tightness: 2.5 };

describe.each<[string, Objective]>([
  ["the listing's setting", LISTING],
  ["the experiments' setting without a clamp", UNCLAMPED],
])("one backward pass for two losses, %s", (_name, objective) => {
  const lossAndGradients = async (fused: boolean): Promise<Record<string, FloatTensor>> => {
    const { parameters, values, feeds } = convolutional(objective, fused);
    const names = parameters.trainable;
    const slopes = gradients(
      values.loss,
      names.map((name) => parameters.value(name)),
    );
    const outputs = { loss: values.loss, ...Object.fromEntries(names.map((name, i) => [name, slopes[i]!])) };
    await using program = await compile<string>(outputs);
    return (await program.run({ ...parameters.inputs(), ...feeds })) as Record<string, FloatTensor>;
  };

  test("gives the loss and the gradients of two", async () => {
    const [plain, fused] = [await lossAndGradients(false), await lossAndGradients(true)];
    for (const [name, { data }] of Object.entries(plain)) {
      const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      data.forEach((value, i) => {
        expect(Math.abs(fused[name]!.data[i]! - value), `${name}[${i}]`).toBeLessThan(2e-5 * largest + 1e-7);
      });
    }
  });

  test("for less work", () => {
    const work = (fused: boolean): number => {
      const { parameters, values } = convolutional(objective, fused);
      return countFlops([
        values.loss,
        ...gradients(
          values.loss,
          parameters.trainable.map((name) => parameters.value(name)),
        ),
      ]);
    };
    expect(work(true) / work(false)).toBeLessThan(0.83);
  });
});

test("a clamp keeps tightness within its limit, and only then are there two passes", async () => {
  const { parameters, values, feeds } = convolutional(EXPERIMENTS);
  const { reconstruction, idempotence, tightness } = values;
  await using program = await compile({ reconstruction, idempotence, tightness });
  const found = await program.run({ ...parameters.inputs(), ...feeds });
  expect(-found.tightness.data[0]!).toBeLessThan(1.5 * found.reconstruction.data[0]!);
  expect(-found.tightness.data[0]!).toBeLessThan(found.idempotence.data[0]!);
});

test("two Gaussians in one dimension: noise lands on the data, and a second pass changes little", async () => {
  const parameters = new Parameters(perceptronDeclarations, { seed: 0 });
  const batch = 256;
  const { loss } = idempotentObjective({
    apply: perceptron,
    weight: (name) => parameters.value(name),
    data: input("x", [batch, 1]),
    noise: input("z", [batch, 1]),
    objective: LISTING,
  });
  await using step = await createTrainStep({ loss, parameters, optimiser: adam({ lr: 5e-3, betas: [0.5, 0.999] }) });
  for (let i = 0; i < 1500; i++) {
    const x = floatTensor(twoGaussians(seeded(0, "x", i), batch), [batch, 1]);
    await step.run({ x, z: gaussianNoise(seeded(0, "z", i), batch, [1]) });
  }
  const weights = Object.fromEntries(SHAPES.map(([name]) => [name, Float64Array.from(parameters.tensor(name).data)]));
  const z = gaussianNoise(new Random(9), 2000, [1]).data;
  const once = Array.from(z, (value) => plainPerceptron(value, weights));
  const twice = once.map((value) => plainPerceptron(value, weights));
  const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
    Math.sqrt(Array.from(a).reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length);
  const near = (centre: number, reach: number): number =>
    once.filter((value) => Math.abs(value - centre) < reach).length / once.length;
  expect(Math.abs(near(0.6, 0.3) - 0.3)).toBeLessThan(0.15);
  expect(Math.abs(near(-0.4, 0.15) - 0.7)).toBeLessThan(0.15);
  expect(distance(twice, once) / distance(once, z)).toBeLessThan(0.1);
});
