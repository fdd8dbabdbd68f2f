/** Optimisers, on the host and in the graph, against PyTorch's results and an independent implementation in float64. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { sum } from "../../../src/engine/graph/ops/reduce.js";
import { type Shape, sizeOf } from "../../../src/engine/tensor/shape.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { graphUpdate } from "../../../src/engine/train/graph-update.js";
import { from, normal } from "../../../src/engine/train/initialise.js";
import {
  adam,
  adamW,
  type MatrixGroup,
  muon,
  type Optimiser,
  type OptimiserSettings,
  sgd,
} from "../../../src/engine/train/optimisers.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { createTrainStep, TrainStep } from "../../../src/engine/train/step.js";
import type { TrainStepOptions } from "../../../src/engine/train/step-options.js";
import { ROOT } from "../../support/paths.js";
import { largestDifference } from "../../support/clips.js";

type Numbers = Readonly<Record<string, readonly number[]>>;

interface Fixture {
  readonly start: Numbers;
  readonly gradients: readonly Numbers[];
  readonly rates: readonly number[];
  readonly cases: Readonly<Record<string, { readonly parameter: Numbers; readonly average: Numbers }>>;
}

const fixture = JSON.parse(readFileSync(join(ROOT, "test/fixtures/torch-optimisers/expected.json"), "utf8")) as Fixture;

const lr: OptimiserSettings["lr"] = (step) => fixture.rates[step]!;
const groups: OptimiserSettings["groups"] = [{ match: /bias/, decay: 0, lrScale: 0.5 }];

/** As test/fixtures/torch-optimisers/make.py has them. */
const CASES: Readonly<Record<string, readonly [Optimiser, clipNorm?: number]>> = {
  sgd: [sgd({ lr })],
  "sgd, decay": [sgd({ lr, decay: 0.1 })],
  "sgd, momentum": [sgd({ lr, momentum: 0.9, decay: 0.1 })],
  "sgd, nesterov": [sgd({ lr, momentum: 0.8, nesterov: true, decay: 0.05 })],
  adam: [adam({ lr })],
  "adam, decay, large epsilon": [adam({ lr, betas: [0.8, 0.95], epsilon: 0.1, decay: 0.2 })],
  adamW: [adamW({ lr, decay: 0.3 })],
  "adamW, groups, clipped": [adamW({ lr, betas: [0.9, 0.98], epsilon: 1e-6, decay: 0.3, groups }), 1.5],
};

/** A loss whose gradient for each parameter is the input `c:NAME`. */
function linearProblem(
  shapes: Readonly<Record<string, Shape>>,
  start?: Numbers,
): Pick<TrainStepOptions, "loss" | "parameters"> {
  const declarations = Object.entries(shapes).map(([name, shape]) => ({
    name,
    shape,
    initialise: start === undefined ? normal(1) : from(floatTensor(Float32Array.from(start[name]!), shape)),
  }));
  const parameters = new Parameters(declarations, { seed: 3 });
  const terms = declarations.map(({ name, shape }) => sum(mul(parameters.value(name), input(`c:${name}`, shape))));
  return { parameters, loss: terms.reduce((a, b) => add(a, b)) };
}

async function inGraph(options: TrainStepOptions): Promise<TrainStep> {
  if (options.ema !== undefined) options.parameters.arena.all("average").set(options.parameters.arena.all("parameter"));
  return new TrainStep(options, await graphUpdate(options));
}

async function trainOn(gradients: readonly Numbers[], step: TrainStep): Promise<void> {
  for (const slopes of gradients) {
    const entries = Object.entries(slopes).map(
      ([name, values]) =>
        [`c:${name}`, floatTensor(Float32Array.from(values), step.parameters.tensor(name).shape)] as const,
    );
    await step.run(Object.fromEntries(entries));
  }
}

describe.each([
  ["on the host", createTrainStep],
  ["in the graph", inGraph],
])("%s", (_where, create) => {
  test.each(Object.keys(CASES))("%s as PyTorch", async (name) => {
    const [optimiser, clipNorm] = CASES[name]!;
    const problem = linearProblem({ "layer.weight": [5, 7], "layer.bias": [7] }, fixture.start);
    const clipping = clipNorm === undefined ? {} : { clipNorm };
    await using step = await create({ ...problem, optimiser, ema: 0.9, ...clipping });
    await trainOn(fixture.gradients, step);
    for (const track of ["parameter", "average"] as const) {
      for (const [key, expected] of Object.entries(fixture.cases[name]![track])) {
        const actual = step.parameters.trackOf(key, track).data;
        expect(largestDifference(actual, expected), `${track} ${key}`).toBeLessThan(1e-6);
      }
    }
  });
});

test("AdamW over sizes around the kernel's stride, against a loop in float64", async () => {
  const sizes = [1, 3, 4, 15, 16, 17, 31, 33, 64, 70];
  const shapes = Object.fromEntries(sizes.map((size) => [`of ${size}`, [size]]));
  const problem = linearProblem(shapes);
  const { parameters } = problem;
  const settings = { lr: 0.01, decay: 0.2, lrScale: (name: string): number => 1 / name.length };
  const optimiser = adamW({
    lr: settings.lr,
    decay: settings.decay,
    groups: [{ match: /\d\d/, lrScale: settings.lrScale }],
  });
  const naive = new Map(
    parameters.names.map((name) => {
      const p = Float64Array.from(parameters.tensor(name).data);
      return [name, { p, m: new Float64Array(p.length), v: new Float64Array(p.length), e: p.slice() }];
    }),
  );
  const random = seeded(9, "slopes");
  const gradients = Array.from({ length: 40 }, () =>
    Object.fromEntries(sizes.map((size) => [`of ${size}`, [...random.centred(size, 2)]])),
  );
  await using step = await createTrainStep({ ...problem, optimiser, clipNorm: 5, ema: 0.95 });
  await trainOn(gradients, step);

  for (const [i, slopes] of gradients.entries()) {
    const norm = Math.hypot(...Object.values(slopes).flat());
    for (const [name, { p, m, v, e }] of naive) {
      const rate = settings.lr * (/\d\d/.test(name) ? settings.lrScale(name) : 1);
      for (let k = 0; k < p.length; k++) {
        const g = slopes[name]![k]! * Math.min(1, 5 / norm);
        m[k] = 0.9 * m[k]! + 0.1 * g;
        v[k] = 0.999 * v[k]! + 0.001 * g * g;
        const [mHat, vHat] = [m[k]! / (1 - 0.9 ** (i + 1)), v[k]! / (1 - 0.999 ** (i + 1))];
        p[k] = p[k]! - rate * 0.2 * p[k]! - (rate * mHat) / (Math.sqrt(vHat) + 1e-8);
        e[k] = 0.95 * e[k]! + 0.05 * p[k]!;
      }
    }
  }
  for (const [name, { p, e }] of naive) {
    expect(largestDifference(parameters.tensor(name).data, p), name).toBeLessThan(2e-6);
    expect(largestDifference(parameters.trackOf(name, "average").data, e), name).toBeLessThan(2e-6);
  }
});

/** The Newton-Schulz iteration of Jordan et al. 2024 in float64, matrices as rows. */
function orthogonalised(x: readonly (readonly number[])[]): number[][] {
  const norm = Math.hypot(...x.flat());
  let y = x.map((row) => row.map((value) => value / (norm + 1e-7)));
  const product = (a: number[][], b: number[][]): number[][] =>
    a.map((row) => b[0]!.map((_, j) => row.reduce((total, value, k) => total + value * b[k]![j]!, 0)));
  for (let round = 0; round < 5; round++) {
    const gram = product(y, transposed(y));
    const cubed = product(gram, y);
    const fifth = product(gram, cubed);
    y = y.map((row, i) => row.map((value, j) => 3.4445 * value - 4.775 * cubed[i]![j]! + 2.0315 * fifth[i]![j]!));
  }
  return y;
}

const transposed = (x: readonly (readonly number[])[]): number[][] => x[0]!.map((_, j) => x.map((row) => row[j]!));

describe.each([
  ["on the host", createTrainStep],
  ["in the graph", inGraph],
])("Muon %s", (_where, create) => {
  test("updates matrices as a loop in float64 does, and all else as AdamW", async () => {
    // [count, rows, columns] of the matrices in each.
    const views: Readonly<Record<string, readonly [number, number, number]>> = {
      wide: [1, 4, 9],
      tall: [1, 11, 3],
      kernels: [1, 6, 8],
      projections: [3, 5, 5],
    };
    const shapes = {
      wide: [4, 9],
      bias: [7],
      tall: [11, 3],
      kernels: [6, 2, 2, 2],
      projections: [15, 5],
      table: [4, 4],
    };
    const random = seeded(4, "slopes");
    const gradients = Array.from({ length: 6 }, () =>
      Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, [...random.centred(sizeOf(shape), 1)]])),
    );
    const shared = { lr: (count: number) => 0.01 / (1 + count), decay: 0.2, groups: [{ match: /tall/, lrScale: 3 }] };
    const matrices = [{ match: /^(wide|tall|kernels)$/ }, { match: /projections/, stacked: 3 }];
    const run = async (optimiser: Optimiser): Promise<TrainStep> => {
      await using step = await create({ ...linearProblem(shapes), optimiser, clipNorm: 2, ema: 0.9 });
      await trainOn(gradients, step);
      return step;
    };
    const [{ parameters }, { parameters: others }] = [
      await run(muon({ ...shared, matrices, matrixRate: 2, momentum: 0.8 })),
      await run(adamW(shared)),
    ];
    for (const name of ["bias", "table"]) {
      for (const track of ["parameter", "average"] as const) {
        expect(parameters.trackOf(name, track).data).toEqual(others.trackOf(name, track).data);
      }
    }
    for (const [name, [count, rows, columns]] of Object.entries(views)) {
      const p = Float64Array.from(linearProblem(shapes).parameters.tensor(name).data);
      const average = p.slice();
      const mean = new Float64Array(p.length);
      for (const [i, slopes] of gradients.entries()) {
        const clip = Math.min(1, 2 / Math.hypot(...Object.values(slopes).flat()));
        const rate = (0.01 / (1 + i)) * 2 * (name === "tall" ? 3 : 1);
        const fresh = slopes[name]!.map((g) => 0.2 * g * clip);
        for (const [k, value] of fresh.entries()) mean[k] = 0.8 * mean[k]! + value;
        for (let matrix = 0; matrix < count; matrix++) {
          const at = (row: number, column: number): number => (matrix * rows + row) * columns + column;
          const ahead = Array.from({ length: rows }, (_, r) =>
            Array.from({ length: columns }, (_, c) => 0.8 * mean[at(r, c)]! + fresh[at(r, c)]!),
          );
          const direction = rows > columns ? transposed(orthogonalised(transposed(ahead))) : orthogonalised(ahead);
          for (const [r, row] of direction.entries()) {
            for (const [c, value] of row.entries()) {
              const k = at(r, c);
              p[k] = p[k]! * (1 - rate * 0.2) - rate * 0.2 * Math.sqrt(Math.max(rows, columns)) * value;
              average[k] = 0.9 * average[k]! + 0.1 * p[k];
            }
          }
        }
      }
      expect(largestDifference(parameters.tensor(name).data, p), name).toBeLessThan(1e-5);
      expect(largestDifference(parameters.trackOf(name, "average").data, average), name).toBeLessThan(1e-5);
    }
  });
});

test("Muon refuses what is not made of matrices", async () => {
  const problem = linearProblem({ bias: [7], projections: [8, 5] });
  const refused = async (matrices: MatrixGroup[]): Promise<string> =>
    createTrainStep({ ...problem, optimiser: muon({ lr: 1, matrices }) }).then(
      () => "",
      (error: unknown) => (error as Error).message,
    );
  expect(await refused([{ match: /bias/ }])).toContain("bias: got [7], expected two axes or more");
  expect(await refused([{ match: /proj/, stacked: 3 }])).toContain("the first a multiple of 3");
});

test("Muon brings the singular values of an update near one and keeps its singular vectors", async () => {
  // U diag(s) Vᵀ with exact rotations by quarters and halves of a turn: its nearest orthogonal matrix is U Vᵀ.
  const turn = (angle: number): number[][] => [
    [Math.cos(angle), -Math.sin(angle)],
    [Math.sin(angle), Math.cos(angle)],
  ];
  const times = (a: number[][], b: number[][]): number[][] =>
    a.map((row) => b[0]!.map((_, j) => row.reduce((total, value, k) => total + value * b[k]![j]!, 0)));
  for (const [u, v, s] of [
    [0.3, 1.1, [5, 0.5]],
    [2, -0.4, [1e-3, 2e-4]],
  ] as const) {
    const x = times(
      times(turn(u), [
        [s[0], 0],
        [0, s[1]],
      ]),
      transposed(turn(v)),
    );
    const problem = linearProblem({ w: [2, 2] }, { w: [0, 0, 0, 0] });
    await using step = await createTrainStep({ ...problem, optimiser: muon({ lr: 1, matrices: [{ match: /w/ }] }) });
    await step.run({ "c:w": floatTensor(Float32Array.from(x.flat()), [2, 2]) });
    const w = [...step.parameters.tensor("w").data].map((value) => -value / (0.2 * Math.SQRT2));
    const inner = times(times(transposed(turn(u)), [w.slice(0, 2), w.slice(2)]), turn(v));
    expect(Math.abs(inner[0]![1]!) + Math.abs(inner[1]![0]!)).toBeLessThan(1e-3);
    for (const value of [inner[0]![0]!, inner[1]![1]!]) {
      expect(value).toBeGreaterThan(0.65);
      expect(value).toBeLessThan(1.25);
    }
  }
});

test("the gradients' norm is that of all parameters, and padding stays zero", async () => {
  const problem = linearProblem({ a: [3], b: [2, 2] }, { a: [1, 2, 3], b: [4, 5, 6, 7] });
  await using step = await createTrainStep({ ...problem, optimiser: adamW({ lr: 0.1, decay: 0.1 }), ema: 0.5 });
  const batch = {
    "c:a": floatTensor(Float32Array.of(1, -2, 2), [3]),
    "c:b": floatTensor(Float32Array.of(4, 0, 0, 1e-3), [2, 2]),
  };
  const { gradientNorm, loss } = await step.run(batch);
  expect(gradientNorm).toBeCloseTo(Math.sqrt(25 + 1e-6), 9);
  expect(loss).toBeCloseTo(1 - 4 + 6 + 16 + 7e-3, 5);
  for (const track of ["parameter", "gradient", "moment1", "moment2", "average"] as const) {
    const all = step.parameters.arena.all(track);
    expect([...all.subarray(3, 16), ...all.subarray(20)]).toEqual(Array.from({ length: 25 }, () => 0));
  }
});

test.each<[string, () => Optimiser, string]>([
  ["momentum", (): Optimiser => sgd({ lr: 1, momentum: 1 }), "bad momentum: got 1, expected from 0 to below 1"],
  ["nesterov", (): Optimiser => sgd({ lr: 1, nesterov: true }), "nesterov needs a momentum"],
  ["beta", (): Optimiser => adam({ lr: 1, betas: [0.9, 1] }), "bad beta"],
  ["epsilon", (): Optimiser => adam({ lr: 1, epsilon: 0 }), "bad epsilon: got 0, expected more than 0"],
  ["lr", (): Optimiser => adamW({ lr: NaN }), "bad lr: got NaN"],
  ["decay", (): Optimiser => adamW({ lr: 1, groups: [{ match: /x/, decay: -1 }] }), "bad decay: got -1"],
])("a bad %s is refused", (_what, make, message) => {
  expect(make).toThrow(message);
});
