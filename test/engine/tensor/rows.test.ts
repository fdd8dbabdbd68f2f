import { expect, test } from "vitest";
import { dotRows, normaliseRows } from "../../../src/engine/tensor/rows.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";

const texts = floatTensor(Float32Array.of(1, 0, 2, -1, 3, 1), [2, 3]);

test("dotRows multiplies every row with every text", () => {
  const { data, shape } = dotRows(floatTensor(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 1, 3]), texts);
  expect(shape).toEqual([2, 1, 2]);
  expect([...data]).toEqual([7, 8, 16, 17]);
});

test.each([
  ["narrower", [3, 2]],
  ["wider", [1, 6]],
  ["not a matrix", [6]],
])("dotRows refuses texts that are %s", (_, shape) => {
  const x = floatTensor(new Float32Array(6), [2, 3]);
  expect(() => dotRows(x, floatTensor(texts.data, shape))).toThrow(RangeError);
  expect(() => dotRows(x, floatTensor(texts.data, shape))).toThrow(
    `[2,3] have no dot products with those of [${shape.join(",")}]`,
  );
});

test("normaliseRows leaves rows of zeros", () => {
  expect([...normaliseRows(floatTensor(Float32Array.of(3, 4, 0, 0), [2, 2])).data]).toEqual([
    Math.fround(0.6),
    Math.fround(0.8),
    0,
    0,
  ]);
});
