/** Every row of the op table against the definition of its op, in plain loops, on random shapes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShapeError } from "../../../src/engine/graph/errors.js";
import * as elementwise from "../../../src/engine/graph/ops/elementwise.js";
import { gather, gatherPerRow } from "../../../src/engine/graph/ops/indexing.js";
import { constant, input } from "../../../src/engine/graph/ops/leaves.js";
import { conv2d, linear, matmul } from "../../../src/engine/graph/ops/linear.js";
import { layerNorm, layerNormScale, softmax } from "../../../src/engine/graph/ops/normalise.js";
import { mean, sum } from "../../../src/engine/graph/ops/reduce.js";
import { concat, expand, reshape, slice, transpose } from "../../../src/engine/graph/ops/shaping.js";
import { OPS } from "../../../src/engine/graph/ops/table.js";
import { scope } from "../../../src/engine/graph/scope.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { floatTensor, intTensor, type Tensor } from "../../../src/engine/tensor/tensor.js";
import { erf } from "../../support/erf.js";

interface Case {
  readonly op: string;
  readonly inputs: readonly Tensor[];
  build(values: Value[]): Value;
  /** The expected element at `index`, given a reader of each input's elements. */
  expected(at: (tensor: number, index: readonly number[]) => number, index: readonly number[]): number;
}

const random = new Random(7);
const values = (...shape: number[]): Tensor => floatTensor(random.centred(sizeOf(shape), 1), shape);
const indices = (bound: number, ...shape: number[]): Tensor =>
  intTensor(
    Int32Array.from({ length: sizeOf(shape) }, () => random.below(bound)),
    shape,
  );

const binary =
  (op: "add" | "sub" | "mul" | "div", f: (a: number, b: number) => number) =>
  (a: number, b: number, c: number): Case => ({
    op,
    inputs: [values(a, 1, c), values(b, c)],
    build: ([x, y]) => elementwise[op](x!, y!),
    expected: (at, [i, j, k]) => f(at(0, [i!, 0, k!]), at(1, [j!, k!])),
  });

const unary =
  (op: "sqrt" | "sigmoid" | "gelu" | "quickGelu", f: (x: number) => number, positive = false) =>
  (a: number, b: number, c: number): Case => {
    const x = values(a, b, c);
    return {
      op,
      inputs: [positive ? floatTensor((x.data as Float32Array).map(Math.abs), x.shape) : x],
      build: ([v]) => elementwise[op](v!),
      expected: (at, index) => f(at(0, index)),
    };
  };

const sumOver = (n: number, f: (i: number) => number): number =>
  Array.from({ length: n }, (_, i) => f(i)).reduce((a, b) => a + b, 0);

const CASES: readonly ((a: number, b: number, c: number) => Case)[] = [
  binary("add", (x, y) => x + y),
  binary("sub", (x, y) => x - y),
  binary("mul", (x, y) => x * y),
  binary("div", (x, y) => x / y),
  unary("sqrt", Math.sqrt, true),
  unary("sigmoid", (x) => 1 / (1 + Math.exp(-x))),
  unary("gelu", (x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
  unary("quickGelu", (x) => x / (1 + Math.exp(-1.702 * x))),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(a, 2, b, c), values(2, c, a)],
    build: ([x, y]) => matmul(x!, y!),
    expected: (at, [i, j, m, n]) => sumOver(c, (k) => at(0, [i!, j!, m!, k]) * at(1, [j!, k, n!])),
  }),
  (a, b, c) => ({
    op: "matmul",
    inputs: [values(a, b, c), values(a, 3, c)],
    build: ([x, y]) => matmul(x!, y!, { transposeB: true, scale: 0.5 }),
    expected: (at, [i, m, n]) => 0.5 * sumOver(c, (k) => at(0, [i!, m!, k]) * at(1, [i!, n!, k])),
  }),
  (a, b, c) => ({
    op: "linear",
    inputs: [values(a, b, c), values(5, c), values(5)],
    build: ([x, w, bias]) => linear(x!, w!, bias),
    expected: (at, [i, j, n]) => at(2, [n!]) + sumOver(c, (k) => at(0, [i!, j!, k]) * at(1, [n!, k])),
  }),
  (a, b, c) => ({
    op: "linear",
    inputs: [values(a, c), values(b, c)],
    build: ([x, w]) => linear(x!, w!),
    expected: (at, [i, n]) => sumOver(c, (k) => at(0, [i!, k]) * at(1, [n!, k])),
  }),
  (a, b, c) => ({
    op: "conv2d",
    inputs: [values(a, 2, 2 * b + 1, 2 * c), values(3, 2, 2, 2)],
    build: ([x, w]) => conv2d(x!, w!, { stride: 2 }),
    expected: (at, [i, o, y, x]) =>
      sumOver(2, (ch) =>
        sumOver(2, (dy) => sumOver(2, (dx) => at(0, [i!, ch, 2 * y! + dy, 2 * x! + dx]) * at(1, [o!, ch, dy, dx]))),
      ),
  }),
  (a, b, c) => ({
    op: "softmax",
    inputs: [values(a, b, c)],
    build: ([x]) => softmax(x!),
    expected: (at, [i, j, k]) => Math.exp(at(0, [i!, j!, k!])) / sumOver(c, (n) => Math.exp(at(0, [i!, j!, n]))),
  }),
  (a, b, c) => ({
    op: "layerNorm",
    inputs: [values(a, b, c), values(c), values(c)],
    build: ([x, gamma, beta]) => layerNorm(x!, gamma!, beta!, 1e-3),
    expected: (at, [i, j, k]) => {
      const m = sumOver(c, (n) => at(0, [i!, j!, n])) / c;
      const variance = sumOver(c, (n) => (at(0, [i!, j!, n]) - m) ** 2) / c;
      return ((at(0, [i!, j!, k!]) - m) / Math.sqrt(variance + 1e-3)) * at(1, [k!]) + at(2, [k!]);
    },
  }),
  (a, b, c) => ({
    op: "layerNormScale",
    inputs: [values(a, b, c), values(c)],
    build: ([x, gamma]) => layerNormScale(x!, gamma!, 1e-3),
    expected: (at, [i, j]) => {
      const m = sumOver(c, (n) => at(0, [i!, j!, n])) / c;
      return (sumOver(c, (n) => (at(0, [i!, j!, n]) - m) ** 2) / c + 1e-3) ** -0.5;
    },
  }),
  (a, b, c) => ({
    op: "sum",
    inputs: [values(a, b, c)],
    build: ([x]) => sum(x!, [-1, 0]),
    expected: (at, [j]) => sumOver(a, (i) => sumOver(c, (k) => at(0, [i, j!, k]))),
  }),
  (a, b, c) => ({
    op: "mean",
    inputs: [values(a, b, c)],
    build: ([x]) => mean(x!, [1], { keepDims: true }),
    expected: (at, [i, , k]) => sumOver(b, (j) => at(0, [i!, j, k!])) / b,
  }),
  (a, b, c) => ({
    op: "reshape",
    inputs: [values(a, b, c)],
    build: ([x]) => reshape(x!, [a * b, c]),
    expected: (at, [i, k]) => at(0, [Math.floor(i! / b), i! % b, k!]),
  }),
  (a, b, c) => ({
    op: "transpose",
    inputs: [values(a, b, c)],
    build: ([x]) => transpose(x!, [2, 0, 1]),
    expected: (at, [k, i, j]) => at(0, [i!, j!, k!]),
  }),
  (a, b, c) => ({
    op: "concat",
    inputs: [values(a, b, c), values(a, 2, c)],
    build: ([x, y]) => concat([x!, y!], 1),
    expected: (at, [i, j, k]) => (j! < b ? at(0, [i!, j!, k!]) : at(1, [i!, j! - b, k!])),
  }),
  (a, b, c) => ({
    op: "slice",
    inputs: [values(a, b + 2, c)],
    build: ([x]) => slice(x!, 1, 1, b + 1),
    expected: (at, [i, j, k]) => at(0, [i!, j! + 1, k!]),
  }),
  (a, b, c) => ({
    op: "expand",
    inputs: [values(a, 1, c)],
    build: ([x]) => expand(x!, [2, a, b, c]),
    expected: (at, [, i, , k]) => at(0, [i!, 0, k!]),
  }),
  (a, b, c) => ({
    op: "gather",
    inputs: [values(a, c), indices(a, b, 2)],
    build: ([x, i]) => gather(x!, i!),
    expected: (at, [i, j, k]) => at(0, [at(1, [i!, j!]), k!]),
  }),
  (a, b, c) => ({
    op: "gatherPerRow",
    inputs: [values(a, b, c), indices(b, a)],
    build: ([x, i]) => gatherPerRow(x!, i!),
    expected: (at, [i, k]) => at(0, [i!, at(1, [i!]), k!]),
  }),
];

const LEAVES = ["input", "constant", "weight"];
const sample = CASES.map((make) => make(2, 3, 4));

test("every op of the table has a case here", () => {
  expect(new Set([...sample.map(({ op }) => op), ...LEAVES])).toEqual(new Set(OPS.map(({ name }) => name)));
});

describe.each(CASES.map((make, i) => ({ op: sample[i]!.op, make })))("$op", ({ make }) => {
  test("computes its definition on random shapes", async () => {
    const size = fc.integer({ min: 1, max: 6 });
    await fc.assert(
      fc.asyncProperty(size, size, size, async (a, b, c) => {
        const one = make(a, b, c);
        const inputs = one.inputs.map((tensor, i) => input(`x${i}`, tensor.shape, tensor.dtype));
        const value = one.build(inputs);
        await using program = await compile({ value });
        const { value: result } = await program.run(
          Object.fromEntries(one.inputs.map((tensor, i) => [`x${i}`, tensor])),
        );
        expect(result.shape).toEqual(value.shape);
        const at = (tensor: number, index: readonly number[]): number => element(one.inputs[tensor]!, index);
        result.data.forEach((got, flat) => {
          const wanted = one.expected(at, unravel(flat, result.shape));
          expect(Math.abs(got - wanted)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(wanted)));
        });
      }),
      { numRuns: 12, seed: 1 },
    );
  });
});

describe("shape errors", () => {
  test("name the op, the scope, both shapes and what was expected", () => {
    const build = (): Value =>
      scope("visual", () => scope("blocks.3", () => matmul(constantOf(2, 3), constantOf(4, 5))));
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(
      "matmul cannot take these shapes: visual.blocks.3: got [2,3] and [4,5], expected […,m,k] and […,k,n]",
    );
  });

  test.each<[string, () => Value]>([
    ["add", () => elementwise.add(constantOf(2, 3), constantOf(2))],
    ["linear", () => linear(constantOf(2, 3), constantOf(4, 5))],
    ["linear bias", () => linear(constantOf(2, 3), constantOf(4, 3), constantOf(3))],
    ["conv2d", () => conv2d(constantOf(1, 2, 8, 8), constantOf(4, 3, 2, 2), { stride: 2 })],
    ["conv2d kernel", () => conv2d(constantOf(1, 2, 4, 4), constantOf(4, 2, 5, 5), { stride: 1 })],
    ["layerNorm", () => layerNorm(constantOf(2, 3), constantOf(2), constantOf(3), 1e-5)],
    ["reshape", () => reshape(constantOf(2, 3), [7])],
    ["transpose", () => transpose(constantOf(2, 3), [0, 0])],
    ["concat", () => concat([constantOf(2, 3), constantOf(3, 2)], 0)],
    ["slice", () => slice(constantOf(2, 3), 1, 2, 4)],
    ["expand", () => expand(constantOf(2, 3), [2, 4])],
    ["sum", () => sum(constantOf(2, 3), [2])],
    ["gather", () => gather(constantOf(2, 3), constantOf(2))],
    ["gatherPerRow", () => gatherPerRow(constantOf(2, 3), constant(intTensor(new Int32Array(3), [3])))],
    ["layerNormScale", () => layerNormScale(constantOf(2, 3), constantOf(3, 3), 1e-5)],
    ["add of two element types", () => elementwise.add(constantOf(2), integers(2))],
  ])("%s", (_name, build) => {
    expect(build).toThrow(ShapeError);
  });

  test.each<[string, () => Value]>([
    ["sqrt", () => elementwise.sqrt(integers(2))],
    ["gelu", () => elementwise.gelu(integers(2))],
    ["matmul", () => matmul(integers(2, 3), constantOf(3, 4))],
    ["matmul", () => matmul(constantOf(2, 3), integers(3, 4))],
    ["linear", () => linear(integers(2, 3), constantOf(4, 3))],
    ["linear", () => linear(constantOf(2, 3), constantOf(4, 3), integers(4))],
    ["conv2d", () => conv2d(constantOf(1, 2, 4, 4), integers(4, 2, 2, 2), { stride: 1 })],
    ["softmax", () => softmax(integers(2, 3))],
    ["layerNorm", () => layerNorm(integers(2, 3), constantOf(3), constantOf(3), 1e-5)],
    ["layerNorm", () => layerNorm(constantOf(2, 3), constantOf(3), integers(3), 1e-5)],
    ["layerNormScale", () => layerNormScale(integers(2, 3), constantOf(3), 1e-5)],
  ])("%s of integers", (name, build) => {
    expect(build).toThrow(ShapeError);
    expect(build).toThrow(new RegExp(`^${name} cannot .* int32.* expected float32 elements$`));
  });
});

function constantOf(...shape: number[]): Value {
  return constant(floatTensor(new Float32Array(sizeOf(shape)), shape));
}

function integers(...shape: number[]): Value {
  return constant(intTensor(new Int32Array(sizeOf(shape)), shape));
}

function element({ data, shape }: Tensor, index: readonly number[]): number {
  return data[shape.reduce((flat, n, axis) => flat * n + index[axis]!, 0)]!;
}

function unravel(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (const n of shape.toReversed()) {
    index.unshift(flat % n);
    flat = Math.floor(flat / n);
  }
  return index;
}
