/** Training steps: what is computed, what is refused, and where numbers stop being finite. */
import { describe, expect, test, vi } from "vitest";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { input } from "../../../src/engine/graph/ops/leaves.js";
import { sum } from "../../../src/engine/graph/ops/reduce.js";
import { log, sqrt } from "../../../src/engine/graph/ops/unary.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { runtime } from "../../../src/engine/runtime/node.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { NonFiniteError } from "../../../src/engine/train/errors.js";
import { filled, ones } from "../../../src/engine/train/initialise.js";
import { adamW, sgd } from "../../../src/engine/train/optimisers.js";
import { Parameters } from "../../../src/engine/train/parameters.js";
import { createTrainStep } from "../../../src/engine/train/step.js";
import type { TrainStepOptions } from "../../../src/engine/train/step-options.js";
import { tinyBatch, tinyLoss, tinyParameters, tinyStep } from "./tiny-run.js";

describe("a step", () => {
  test("gives loss, metrics, norm and rate of the parameters before the update", async () => {
    const parameters = tinyParameters();
    const { loss, sites } = tinyLoss(parameters);
    const metrics = { twice: mul(loss, 2), first: sum(sites.get("hidden")!) };
    await using step = await tinyStep({ parameters, loss, metrics });
    const result = await step.run(tinyBatch(0));
    expect(result.metrics["twice"]).toBe(2 * result.loss);
    expect(Object.keys(result.metrics)).toEqual(["twice", "first"]);
    expect(result.rate).toBeCloseTo(0.003, 12);
    expect(step.updates).toBe(1);
  });

  test("computes no gradient for frozen parameters, and leaves them alone", async () => {
    const sessions = vi.spyOn(runtime, "createSession");
    const parameters = tinyParameters({ freezeFirst: true });
    const before = parameters.tensor("first.weight").data.slice();
    await using step = await tinyStep({ parameters, ema: 0.5 });
    const names = sessions.mock.calls[0]![0].outputs.map(({ name }) => name);
    sessions.mockRestore();
    expect(names).toEqual(["out:loss", "out:gradient:second.bias", "out:gradient:second.weight"]);
    await step.run(tinyBatch(0));
    expect(parameters.tensor("first.weight").data).toEqual(before);
    expect(parameters.arena.length).toBe(32 + 16);
    expect(parameters.trainableCount).toBe(21);
    expect(() => parameters.trackOf("first.weight", "moment1")).toThrow("a frozen parameter has no moment1");
  });

  test("writes gradients and parameters where they lie", async () => {
    await using step = await tinyStep();
    const { parameters } = step;
    const tensor = parameters.tensor("second.weight");
    const slope = parameters.trackOf("second.weight", "gradient");
    const before = tensor.data.slice();
    await step.run(tinyBatch(0));
    expect(slope.data.some((value) => value !== 0)).toBe(true);
    expect(tensor.data).not.toEqual(before);
    expect(parameters.inputs()["param:second.weight"]!.data).toBe(tensor.data);
  });

  test("keeps an average that inputs can be taken from", async () => {
    await using step = await tinyStep({ ema: 0.75 });
    const { parameters } = step;
    const start = parameters.tensor("first.weight").data[0]!;
    await step.run(tinyBatch(0));
    const now = parameters.tensor("first.weight").data[0]!;
    expect(parameters.inputs({ averaged: true })["param:first.weight"]!.data[0]).toBeCloseTo(
      0.75 * start + 0.25 * now,
      6,
    );
  });

  test("repeats bit for bit", async () => {
    const runs = [await tinyStep(), await tinyStep()];
    for (const step of runs) for (let i = 0; i < 5; i++) await step.run(tinyBatch(i));
    const [a, b] = runs.map(({ parameters }) => parameters.arena.all("parameter"));
    expect(a).toEqual(b);
    for (const step of runs) await step.dispose();
  });
});

describe("what is refused", () => {
  const make = (options: (parameters: Parameters) => Partial<TrainStepOptions>) => (): Promise<unknown> => {
    const parameters = tinyParameters();
    return tinyStep({ parameters, ...options(parameters) });
  };
  test.each<[string, () => Promise<unknown>, string]>([
    [
      "a loss of several numbers",
      make(() => ({ loss: input("x", [2]) })),
      "loss: got float32 [2], expected float32 []",
    ],
    ["a metric of several numbers", make(() => ({ metrics: { m: input("x", [2]) } })), "must be single numbers: m"],
    ["a metric with a name of the log's", make((p) => ({ metrics: { lr: sum(p.value("first.bias")) } })), "metric lr"],
    ["clipping to nothing", make(() => ({ clipNorm: 0 })), "bad clipNorm: got 0"],
    ["an average that never moves", make(() => ({ ema: 1 })), "bad ema: got 1"],
    [
      "a loss without one of the parameters",
      make((parameters) => ({ loss: sum(parameters.value("first.bias")) })),
      "the loss does not depend on a trainable parameter: first.weight",
    ],
  ])("%s", async (_what, create, message) => {
    await expect(create()).rejects.toThrow(message);
  });

  test("a step with nothing to train", async () => {
    const declaration = { name: "a", shape: [1], initialise: ones, trainable: false };
    const parameters = new Parameters([declaration], { seed: 1 });
    const step = createTrainStep({ loss: sum(parameters.value("a")), parameters, optimiser: sgd({ lr: 1 }) });
    await expect(step).rejects.toThrow("every parameter is frozen");
  });

  test("parameters declared twice, of bad shapes, or none", () => {
    const declare =
      (...shapes: number[][]) =>
      () =>
        new Parameters(
          shapes.map((shape) => ({ name: "a", shape, initialise: ones })),
          { seed: 1 },
        );
    expect(declare([1], [2])).toThrow("a parameter is declared twice: a");
    expect(declare([2, 0])).toThrow("bad shape of a parameter: a: got [2,0]");
    expect(declare()).toThrow("there are no parameters");
    expect(declare([1 << 30])).toThrow("too many trainable parameters: got 1073741824, expected at most 214748364");
    expect(() => tinyParameters().tensor("third")).toThrow("no such parameter: third");
  });
});

describe("numbers that are not finite", () => {
  /** Of the second step of a loss over one parameter p [2] and one input x [2], which is 1 at first and then `data`. */
  async function failure(
    build: (p: Value, x: Value) => Readonly<Record<string, Value>>,
    data: readonly number[],
  ): Promise<NonFiniteError> {
    const parameters = new Parameters([{ name: "p", shape: [2], initialise: filled(1) }], { seed: 1 });
    const sites = new Map(Object.entries(build(parameters.value("p"), input("x", [2]))));
    const loss = sum([...sites.values()].at(-1)!);
    const optimiser = adamW({ lr: 0.1 });
    await using step = await createTrainStep({ loss, parameters, optimiser, sites, ema: 0.5 });
    await step.run({ x: floatTensor(Float32Array.of(1, 1), [2]) });
    const before = parameters.arena.all("parameter").slice();
    const error = await step.run({ x: floatTensor(Float32Array.from(data), [2]) }).then(
      () => expect.fail("it did not fail"),
      (error: unknown) => error as NonFiniteError,
    );
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(parameters.arena.all("parameter")).toEqual(before);
    expect(step.updates).toBe(1);
    return error;
  }

  test("are found at the first site that has them, and nothing is updated", async () => {
    const error = await failure(
      (p, x) => ({ product: mul(p, x), logarithm: log(mul(p, x)), end: add(log(mul(p, x)), 1) }),
      [1, 0],
    );
    expect(error).toMatchObject({ code: "non-finite", site: "logarithm", step: 2 });
    expect(error.message).toMatch(
      /^training met a number that is not finite at step 2: logarithm: got -Infinity \(loss -Inf/,
    );
  });

  test("are found in the inputs", async () => {
    const error = await failure((p, x) => ({ product: mul(p, x) }), [1, NaN]);
    expect(error.site).toBe("input x");
  });

  test("are found in a gradient when every site is finite", async () => {
    const error = await failure((p, x) => ({ root: sqrt(mul(p, x)) }), [0, 1]);
    expect(error.site).toBe("gradient of p");
    expect(error.message).toContain("gradient norm");
  });

  test("are found in a parameter, and in the learning rate", async () => {
    const parameters = tinyParameters();
    await using step = await tinyStep({ parameters, optimiser: adamW({ lr: (count) => (count === 1 ? NaN : 0.1) }) });
    await step.run(tinyBatch(0));
    await expect(step.run(tinyBatch(1))).rejects.toMatchObject({ site: "learning rate", step: 2 });
    parameters.tensor("second.bias").data[0] = Infinity;
    step.updates = 2;
    await expect(step.run(tinyBatch(2))).rejects.toMatchObject({ site: "parameter second.bias", step: 3 });
  });

  test("a gradient whose square would overflow counts as one", async () => {
    const error = await failure((p, x) => ({ product: mul(mul(p, x), x) }), [1e19, 1e10]);
    expect(error.site).toBe("gradients");
    expect(error.message).toContain("gradient norm 9.99");
  });
});

test("a step may read parameters that another one trains", async () => {
  const [mine, other] = ["mine", "other"].map(
    (name) => new Parameters([{ name, shape: [2], initialise: ones }], { seed: 1 }),
  ) as [Parameters, Parameters];
  const loss = sum(mul(mine.value("mine"), other.value("other")));
  await using step = await createTrainStep({ loss, parameters: mine, optimiser: sgd({ lr: 0.5 }) });
  await step.run(other.inputs());
  expect([...mine.tensor("mine").data]).toEqual([0.5, 0.5]);
  expect([...other.tensor("other").data]).toEqual([1, 1]);
});
