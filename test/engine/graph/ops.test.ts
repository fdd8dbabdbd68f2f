/** Every row of the op table against the definition of its op, in plain loops, on random shapes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ShapeError } from "../../../src/engine/graph/errors.js";
import { add } from "../../../src/engine/graph/ops/arithmetic.js";
import { attention } from "../../../src/engine/graph/ops/attention.js";
import { conv2d, convTranspose } from "../../../src/engine/graph/ops/conv.js";
import { einsum } from "../../../src/engine/graph/ops/einsum.js";
import { gather, gatherPerRow, scatterAdd, topK } from "../../../src/engine/graph/ops/indexing.js";
import { constant, input } from "../../../src/engine/graph/ops/leaves.js";
import { linear, matmul } from "../../../src/engine/graph/ops/matmul.js";
import { layerNorm, layerNormScale, softmax } from "../../../src/engine/graph/ops/normalise.js";
import { rmsNorm, rmsNormScale } from "../../../src/engine/graph/ops/rms-norm.js";
import { rotary } from "../../../src/engine/graph/ops/rotary.js";
import { cumulativeSum, sum } from "../../../src/engine/graph/ops/reduce.js";
import { maxPool2d, upsampleNearest } from "../../../src/engine/graph/ops/resample.js";
import { concat, expand, pad, reshape, slice, transpose } from "../../../src/engine/graph/ops/shaping.js";
import { OPS } from "../../../src/engine/graph/ops/table.js";
import { gelu, sqrt } from "../../../src/engine/graph/ops/unary.js";
import { scope } from "../../../src/engine/graph/scope.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { largestDifference } from "../../support/clips.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { floatTensor, intTensor } from "../../../src/engine/tensor/tensor.js";
import { OP_CASES } from "./op-cases/all.js";
import { evaluate } from "./op-cases/case.js";

const LEAVES = ["input", "constant", "weight"];
const cased = new Set(OP_CASES.map(({ op }) => op));

test("every op of the table has a case here", () => {
  const missing = OPS.map(({ name }) => name).filter((name) => !LEAVES.includes(name) && !cased.has(name));
  expect(missing).toEqual([]);
});

describe.each(OP_CASES)("$name", ({ make }) => {
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
        evaluate(one, value.shape).forEach((wanted, i) => {
          expect(Math.abs(result.data[i]! - wanted)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(wanted)));
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
    ["add", () => add(constantOf(2, 3), constantOf(2))],
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
    ["rmsNorm", () => rmsNorm(constantOf(2, 3), constantOf(2), 1e-5)],
    ["rmsNormScale", () => rmsNormScale(constantOf(2, 3), constantOf(3, 3), 1e-5)],
    ["rotary", () => rotary(constantOf(1, 2, 3, 4), constantOf(3, 4), constantOf(3, 4))],
    ["rotary", () => rotary(constantOf(2, 3, 4), constantOf(3, 2), constantOf(3, 2))],
    ["conv2d groups", () => conv2d(constantOf(1, 4, 4, 4), constantOf(3, 2, 2, 2), { groups: 2 })],
    [
      "convTranspose",
      () => convTranspose(constantOf(1, 2, 4, 4), constantOf(2, 3, 2, 2), { stride: 2, spatial: [8, 10] }),
    ],
    ["attention", () => attention(constantOf(2, 3, 4), constantOf(2, 5, 4), constantOf(2, 4, 4))],
    ["einsum", () => einsum("ab,bc->ac", constantOf(2, 3), constantOf(4, 5))],
    ["einsum equation", () => einsum("ab,bc", constantOf(2, 3), constantOf(3, 5))],
    ["scatterAdd", () => scatterAdd(constantOf(2, 3), constant(intTensor(new Int32Array(3), [3])), 4)],
    ["topK", () => topK(constantOf(2, 3), 4).values],
    ["cumulativeSum", () => cumulativeSum(constantOf(2, 3), 2)],
    ["pad", () => pad(constantOf(2, 3), 2, 1, 1)],
    ["maxPool", () => maxPool2d(constantOf(1, 1, 2, 2), 3)],
    ["upsampleNearest", () => upsampleNearest(constantOf(1, 1, 2, 2), 1.5)],
    ["add of two element types", () => add(constantOf(2), integers(2))],
  ])("%s", (_name, build) => {
    expect(build).toThrow(ShapeError);
  });

  test.each<[string, () => Value]>([
    ["sqrt", () => sqrt(integers(2))],
    ["gelu", () => gelu(integers(2))],
    ["matmul", () => matmul(integers(2, 3), constantOf(3, 4))],
    ["matmul", () => matmul(constantOf(2, 3), integers(3, 4))],
    ["linear", () => linear(integers(2, 3), constantOf(4, 3))],
    ["linear", () => linear(constantOf(2, 3), constantOf(4, 3), integers(4))],
    ["conv", () => conv2d(constantOf(1, 2, 4, 4), integers(4, 2, 2, 2), { stride: 1 })],
    ["softmax", () => softmax(integers(2, 3))],
    ["layerNorm", () => layerNorm(integers(2, 3), constantOf(3), constantOf(3), 1e-5)],
    ["layerNorm", () => layerNorm(constantOf(2, 3), constantOf(3), integers(3), 1e-5)],
    ["layerNormScale", () => layerNormScale(integers(2, 3), constantOf(3), 1e-5)],
    ["rmsNorm", () => rmsNorm(integers(2, 3), constantOf(3), 1e-5)],
    ["rmsNormScale", () => rmsNormScale(integers(2, 3), constantOf(3), 1e-5)],
    ["rotary", () => rotary(integers(1, 2, 3, 4), constantOf(3, 2), constantOf(3, 2))],
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

test("a wide first operand that is swapped gives the product that a narrow one gives", async () => {
  // Wide ones are turned before the product.
  const [shared, rows, columns] = [3, 1030, 2];
  const random = new Random(5);
  const [a, b] = [random.centred(shared * rows, 0.5), random.centred(shared * columns, 0.5)];
  const [x, y] = [input("x", [shared, rows]), input("y", [shared, columns])];
  for (const scale of [1, 0.5]) {
    await using program = await compile({ product: matmul(x, y, { transposeA: true, scale }) });
    const { product } = await program.run({
      x: floatTensor(a, [shared, rows]),
      y: floatTensor(b, [shared, columns]),
    });
    const expected = Array.from({ length: rows * columns }, (_, i) => {
      const [row, column] = [Math.floor(i / columns), i % columns];
      return scale * [0, 1, 2].reduce((total, k) => total + a[k * rows + row]! * b[k * columns + column]!, 0);
    });
    expect(largestDifference(product.data, expected)).toBeLessThan(1e-6);
  }
});
