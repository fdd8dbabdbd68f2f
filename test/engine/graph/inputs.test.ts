/** Names of a program's inputs: any name is good, and one name is one input. */
import { describe, expect, test } from "vitest";
import { ShapeError } from "../../../src/engine/graph/errors.js";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { constant, input, weight } from "../../../src/engine/graph/ops/leaves.js";
import { matmul } from "../../../src/engine/graph/ops/matmul.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { ProgramInputError } from "../../../src/engine/runtime/errors.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";

const scalar = (x: number): ReturnType<typeof floatTensor> => floatTensor(Float32Array.of(x), []);

describe("a name that the lowered graph might use itself", () => {
  const names = ["", "x", "in:x", "out:y", "y", "int64:1,1", "größe 1/2"];
  for (let i = 0; i < 6; i++) names.push(`c${i}`, `v${i}`, `w${i}`);

  test.each(names)("%j", async (name) => {
    const bytes = new Uint8Array(Float32Array.of(100).buffer);
    const stored = weight({ name: "stored", dtype: "F32", shape: [1, 1], bytes }, []);
    const y = add(mul(input(name, []), 7), mul(constant(10), stored));
    await using program = await compile({ y });
    expect([...(await program.run({ [name]: scalar(3) })).y.data]).toEqual([1021]);
    await expect(program.run({ [`in:${name}`]: scalar(3) })).rejects.toThrow(ProgramInputError);
  });
});

test("two inputs of one name and type are one input", async () => {
  await using program = await compile({ y: mul(input("x", []), input("x", [])) });
  expect([...(await program.run({ x: scalar(3) })).y.data]).toEqual([9]);
});

test.each([
  ["float32 [2] and float32 [3]", (): unknown => compile({ a: input("x", [2]), b: input("x", [3]) })],
  ["float32 [] and int32 []", (): unknown => compile({ a: input("x", []), b: input("x", [], "int32") })],
  ["float32 [2,3] and float32 [3,2]", (): unknown => compile({ y: matmul(input("x", [2, 3]), input("x", [3, 2])) })],
])("two inputs of one name and different types are refused: %s", async (got, build) => {
  const refused = expect(build());
  await refused.rejects.toThrow(ShapeError);
  await expect(build()).rejects.toThrow(`two inputs of one name are of different types: x: got ${got}, expected one`);
});
