/** Gradients of every row of the op table against central differences, and what `gradients` refuses. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { NoGradientError, ShapeError } from "../../../src/engine/graph/errors.js";
import { gradients } from "../../../src/engine/graph/gradients.js";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { less, scaleGradient, stopGradient, where } from "../../../src/engine/graph/ops/compare.js";
import { constant, input } from "../../../src/engine/graph/ops/leaves.js";
import { sum } from "../../../src/engine/graph/ops/reduce.js";
import { concat, slice } from "../../../src/engine/graph/ops/shaping.js";
import { exp } from "../../../src/engine/graph/ops/unary.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { lower } from "../../../src/engine/graph/lowering.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { floatTensor, type Tensor } from "../../../src/engine/tensor/tensor.js";
import { OP_CASES } from "./op-cases/all.js";
import { type Case, evaluate } from "./op-cases/case.js";

const CASES_A_ROW = 200;
/** In float64, where it leaves an error of some 1e-9. */
const STEP = 1e-6;
const random = new Random(11);

/** The inputs that gradients flow to. */
function differentiated({ inputs, constants = [] }: Case): number[] {
  return inputs.flatMap(({ dtype }, i) => (dtype === "float32" && !constants.includes(i) ? [i] : []));
}

interface Difference {
  readonly element: number;
  readonly slope: number;
}

/** Central differences of Σ weights · case, for some elements of an input: all differentiate the same few formulas. */
function differences(one: Case, tensor: number, shape: readonly number[], weights: Float32Array): Difference[] {
  const weighted = (values: Float64Array): number => values.reduce((total, x, i) => total + x * weights[i]!, 0);
  const size = sizeOf(one.inputs[tensor]!.shape);
  const elements = size <= ELEMENTS ? Array.from({ length: size }, (_, i) => i) : someOf(size);
  return elements.map((element) => {
    const shifted = (by: number): number => weighted(evaluate(one, shape, { tensor, element, by }));
    return { element, slope: (shifted(STEP) - shifted(-STEP)) / (2 * STEP) };
  });
}

const ELEMENTS = 6;
const someOf = (size: number): number[] => Array.from({ length: ELEMENTS }, () => random.below(size));

/** Within 1e-3 of each element; where an element is far below the largest, within 1e-5 of that. */
function expectAlike(got: Float32Array, wanted: readonly Difference[]): void {
  const largest = got.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (const { element, slope } of wanted) {
    const allowed = 1e-3 * Math.max(Math.abs(slope), 1e-2 * largest, 1e-3);
    const found = got[element]!;
    if (!(Math.abs(found - slope) <= allowed))
      expect.fail(`element ${element}: got ${found}, differences say ${slope}`);
  }
}

describe.each(OP_CASES)("$name", ({ make }) => {
  const sample = make(2, 3, 4);
  if (differentiated(sample).length === 0) {
    test("has no gradient", () => {
      const inputs = sample.inputs.map((tensor, i) => input(`x${i}`, tensor.shape, tensor.dtype));
      const loss = sum(sample.build(inputs));
      expect(() => gradients(loss, [inputs[0]!])).toThrow(NoGradientError);
    });
    return;
  }

  test(`agrees with central differences in ${CASES_A_ROW} cases`, async () => {
    const size = fc.integer({ min: 1, max: 4 });
    await fc.assert(
      fc.asyncProperty(size, size, size, async (a, b, c) => {
        const one = make(a, b, c);
        const inputs = one.inputs.map((tensor, i) => input(`x${i}`, tensor.shape, tensor.dtype));
        const result = one.build(inputs);
        const weights = random.centred(sizeOf(result.shape), 1);
        const loss = sum(mul(result, constant(floatTensor(weights, result.shape))));
        const wrt = differentiated(one);
        const found = gradients(
          loss,
          wrt.map((i) => inputs[i]!),
        );
        await using program = await compile(Object.fromEntries(found.map((value, i) => [`g${i}`, value])));
        const feeds = Object.fromEntries(one.inputs.map((tensor, i) => [`x${i}`, tensor]));
        const results: Record<string, Tensor> = await program.run(feeds);
        wrt.forEach((tensor, i) => {
          expect(found[i]!.shape).toEqual(one.inputs[tensor]!.shape);
          expectAlike(results[`g${i}`]!.data as Float32Array, differences(one, tensor, result.shape, weights));
        });
      }),
      { numRuns: CASES_A_ROW, seed: 3 },
    );
  });
});

describe("gradients", () => {
  const x = input("x", [2]);
  const y = input("y", [2]);
  const feeds = { x: floatTensor(Float32Array.of(1, 2), [2]), y: floatTensor(Float32Array.of(3, 4), [2]) };

  test("add up over all ways that lead to the loss", async () => {
    const twice = mul(x, x);
    const [dx] = gradients(sum(add(mul(twice, x), add(twice, x))), [x]) as [typeof x];
    await using program = await compile({ dx });
    expect([...(await program.run(feeds)).dx.data]).toEqual([3 + 2 + 1, 12 + 4 + 1]);
  });

  test("of slices side by side are joined, of others added", async () => {
    const z = input("z", [4]);
    const piece = (start: number, end: number, weight: number): Value => mul(slice(z, 0, start, end), weight);
    const tiles = sum(concat([piece(2, 4, 5), piece(0, 2, 3)], 0));
    const overlapping = sum(concat([piece(0, 3, 2), piece(2, 4, 7)], 0));
    const [joined] = gradients(tiles, [z]) as [Value];
    const [added] = gradients(overlapping, [z]) as [Value];
    const [part] = gradients(sum(piece(1, 3, 4)), [z]) as [Value];
    expect(joined.op.name).toBe("concat");
    await using program = await compile({ joined, added, part });
    const results = await program.run({ z: floatTensor(new Float32Array(4), [4]) });
    expect([...results.joined.data]).toEqual([3, 3, 5, 5]);
    expect([...results.added.data]).toEqual([2, 2, 9, 7]);
    expect([...results.part.data]).toEqual([0, 4, 4, 0]);
  });

  test("can be differentiated again", async () => {
    const [dx] = gradients(sum(mul(mul(x, x), x)), [x]) as [typeof x];
    const [ddx] = gradients(sum(dx), [x]) as [typeof x];
    await using program = await compile({ ddx });
    expect([...(await program.run(feeds)).ddx.data]).toEqual([6, 12]);
  });

  test("of inner values and of the loss itself", async () => {
    const inner = mul(x, y);
    const loss = sum(mul(inner, inner));
    const [dInner, dLoss] = gradients(loss, [inner, loss]) as [typeof x, typeof x];
    await using program = await compile({ dInner, dLoss });
    const results = await program.run(feeds);
    expect([...results.dInner.data, ...results.dLoss.data]).toEqual([6, 16, 1]);
  });

  test("of what is not asked for are not lowered", () => {
    const matrix = input("w", [2, 2]);
    const loss = sum(mul(mul(x, y), matrix));
    const nodes = (wrt: (typeof x)[]): number =>
      lower(Object.fromEntries(gradients(loss, wrt).map((g, i) => [`g${i}`, g]))).nodes.length;
    expect(nodes([x])).toBeLessThan(nodes([x, matrix]));
  });

  test("are scaled where that is asked for, and the value is not", async () => {
    const scaled = sum(mul(scaleGradient(x, -2.5), y));
    await using program = await compile({ scaled, slope: gradients(scaled, [x])[0]! });
    const [xs, ys] = [Float32Array.of(3, 5), Float32Array.of(7, 11)];
    const { scaled: value, slope } = await program.run({ x: floatTensor(xs, [2]), y: floatTensor(ys, [2]) });
    expect(value.data[0]).toBe(76);
    expect([...slope.data]).toEqual([-17.5, -27.5]);
  });

  test("of a deep graph do not overflow the stack", () => {
    let deep = x;
    for (let i = 0; i < 20_000; i++) deep = add(deep, y);
    expect(gradients(sum(deep), [x])[0]!.shape).toEqual([2]);
  });

  test("are refused for a loss of several elements", () => {
    expect(() => gradients(mul(x, y), [x])).toThrow(ShapeError);
    expect(() => gradients(mul(x, y), [x])).toThrow("expected a float32 loss of one element");
  });

  test.each([
    ["unused", sum(exp(y))],
    ["behind stopGradient", sum(mul(stopGradient(x), y))],
    ["only compared", sum(where(less(x, y), y, 0))],
  ])("are refused for a value that is %s", (_, loss) => {
    expect(() => gradients(loss, [x])).toThrow(NoGradientError);
    expect(() => gradients(loss, [x])).toThrow(/asked for: x;/);
  });
});
