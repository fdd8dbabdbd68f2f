/** Results of jobs survive being sent, to the bit. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { sizeOf } from "../../src/engine/tensor/shape.js";
import { fromWire, type Json, toWire } from "../../src/jobs/wire.js";

const sent = (value: unknown): unknown => fromWire(JSON.parse(JSON.stringify(toWire(value))) as Json);

const shape = fc.array(fc.nat(5), { maxLength: 4 });
const float32 = shape.chain((sizes) =>
  fc.float32Array({ minLength: sizeOf(sizes), maxLength: sizeOf(sizes) }).map((data) => ({
    dtype: "float32",
    shape: sizes,
    data,
  })),
);
const int32 = shape.chain((sizes) =>
  fc.int32Array({ minLength: sizeOf(sizes), maxLength: sizeOf(sizes) }).map((data) => ({
    dtype: "int32",
    shape: sizes,
    data,
  })),
);
const bool = shape.chain((sizes) =>
  fc.uint8Array({ minLength: sizeOf(sizes), maxLength: sizeOf(sizes), max: 1 }).map((data) => ({
    dtype: "bool",
    shape: sizes,
    data,
  })),
);
const key = fc.oneof(
  fc.string(),
  fc.constantFrom("$tensor", "$array", "$number", "$$", "$", "__proto__", "dtype", "data"),
);
const { result } = fc.letrec((tie) => ({
  result: fc.oneof(
    { depthSize: "small" },
    fc.double(),
    fc.constantFrom(NaN, Infinity, -Infinity, -0),
    fc.string({ unit: "grapheme" }),
    fc.boolean(),
    fc.constant(null),
    fc.float32Array(),
    fc.int32Array(),
    fc.uint8Array(),
    float32,
    int32,
    bool,
    fc.array(tie("result")),
    fc.array(fc.tuple(key, tie("result"))).map((entries) => Object.fromEntries(entries) as unknown),
  ),
}));

test("whatever a result may hold comes out as it went in", () => {
  fc.assert(
    fc.property(result, (value) => {
      expect(sent(value)).toEqual(value);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("floats keep their bits, NaN's among them, and pieces of base64 join", () => {
  const random = Uint32Array.from({ length: 100_003 }, (_, i) => Math.imul(i + 1, 2654435761));
  random[7] = 0x7fc12345;
  const data = new Float32Array(random.buffer);
  const { data: back } = sent({ dtype: "float32", shape: [data.length], data }) as { data: Float32Array };
  expect(Buffer.from(back.buffer).equals(Buffer.from(data.buffer))).toBe(true);
});

test("a tensor that is part of a larger buffer is sent alone", () => {
  const data = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  expect(sent({ dtype: "float32", shape: [2], data })).toEqual({
    dtype: "float32",
    shape: [2],
    data: Float32Array.of(2, 3),
  });
});

test("fields that are undefined are left out", () => {
  expect(toWire({ a: undefined, b: 1 })).toEqual({ b: 1 });
});

test.each<[what: string, value: unknown]>([
  ["a map", { a: [new Map()] }],
  ["a date", { a: [new Date(0)] }],
  ["an array of 64-bit floats", { a: [new Float64Array(2)] }],
  ["a function", { a: [() => 1] }],
  ["undefined in a list", { a: [undefined] }],
])("%s is no part of a result, and the place is told", (_, value) => {
  expect(() => toWire(value)).toThrow(/^internal: result\.a\[0\] cannot be sent/);
});

test("a result that holds itself is refused", () => {
  const loop: unknown[] = [];
  loop.push(loop);
  expect(() => toWire(loop)).toThrow(/holds itself/);
});

test.each<Json>([
  { $tensor: { dtype: "float32", shape: [2], data: "AAAAAA==" } },
  { $tensor: { dtype: "float64", shape: [0], data: "" } },
  { $tensor: null },
  { $number: "1" },
  { $number: "toString" },
])("%j is not taken for a result", (json) => {
  expect(() => fromWire(json)).toThrow(TypeError);
});
