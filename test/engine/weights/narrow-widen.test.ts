import { closeSync, ftruncateSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredDType } from "../../../src/engine/tensor/dtype.js";
import type { StoredTensor } from "../../../src/engine/tensor/stored.js";
import { RowRangeError } from "../../../src/engine/weights/errors.js";
import { toBFloat16, toFloat16 } from "../../../src/engine/weights/narrow.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { sliceRows } from "../../../src/engine/weights/slice-rows.js";
import { fileSpan } from "../../../src/engine/weights/source-file.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const stored = (dtype: StoredDType, shape: number[], data: ArrayBufferView): StoredTensor => ({
  name: "t",
  dtype,
  shape,
  bytes: bytesOf(data),
});
const widened = (dtype: StoredDType, data: ArrayBufferView, count: number) =>
  readStored(stored(dtype, [count], data)).data;
const ALL_16 = Uint16Array.from({ length: 0x10000 }, (_, i) => i);

/** binary16 from its definition, in float64 arithmetic. */
function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}

describe("widening", () => {
  it("gives every float16 its value", () => {
    expect(widened("F16", ALL_16, ALL_16.length)).toEqual(Float32Array.from(ALL_16, halfValue));
  });

  it("gives every bfloat16 the float32 that it begins", () => {
    const bits = new Uint32Array(widened("BF16", ALL_16, ALL_16.length).buffer);
    expect(bits).toEqual(Uint32Array.from(ALL_16, (half) => half * 0x10000));
  });

  it.each([
    ["F64", Float64Array.of(1.5, -1e300, 0.1), [1.5, -Infinity, Math.fround(0.1)]],
    ["I64", BigInt64Array.of(-1n, 2n ** 40n, -(2n ** 63n)), [-1, 2 ** 40, -(2 ** 63)]],
    ["U64", BigUint64Array.of(2n ** 64n - 2n ** 40n, 7n), [2 ** 64 - 2 ** 40, 7]],
    ["I32", Int32Array.of(-5, 6), [-5, 6]],
    ["U32", Uint32Array.of(2 ** 31), [2 ** 31]],
    ["I16", Int16Array.of(-300), [-300]],
    ["U16", Uint16Array.of(65535), [65535]],
    ["I8", Int8Array.of(-128), [-128]],
    ["U8", Uint8Array.of(255), [255]],
    ["BOOL", Uint8Array.of(0, 1, 2), [0, 1, 1]],
  ] as const)("%s", (dtype, data, values) => {
    expect([...widened(dtype, data, values.length)]).toEqual(values);
  });

  it("copes with bytes at odd addresses", () => {
    const odd = new Uint8Array(9);
    odd.set(bytesOf(Float32Array.of(1, -2)), 1);
    expect([...widened("F32", odd.subarray(1), 2)]).toEqual([1, -2]);
  });
});

describe("narrowing", () => {
  it("brings every 16-bit float back to itself", () => {
    const numbers = (bits: Uint16Array, nan: (b: number) => boolean) => bits.filter((b) => !nan(b));
    const half = numbers(ALL_16, (b) => Number.isNaN(halfValue(b)));
    expect(toFloat16(widened("F16", half, half.length))).toEqual(half);
    const brain = numbers(ALL_16, (b) => (b & 0x7fff) > 0x7f80);
    expect(toBFloat16(widened("BF16", brain, brain.length))).toEqual(brain);
  });

  it("sends the middle of two neighbours to the even one, and anything beside it to the nearer", () => {
    for (let low = 0; low < 0x7bff; low++) {
      const middle = (halfValue(low) + halfValue(low + 1)) / 2;
      const even = low + (low & 1);
      const below = nextFloat(middle, -1);
      const above = nextFloat(middle, 1);
      const got = toFloat16(Float32Array.of(middle, below, above, -middle));
      if (got[0] !== even || got[1] !== low || got[2] !== low + 1 || got[3] !== (even | 0x8000))
        expect([low, ...got]).toEqual([]);
    }
  });

  it("overflows to infinity where rounding says so, and keeps NaN", () => {
    expect([...toFloat16(Float32Array.of(65519.99, 65520, 1e30, -Infinity, 2 ** -25, 2 ** -149))]).toEqual([
      0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 0,
    ]);
    const nans = new Float32Array(Uint32Array.of(0x7fc00000, 0x7f800001, 0xffbfffff).buffer);
    expect([...toFloat16(nans)].every((b) => Number.isNaN(halfValue(b)))).toBe(true);
    expect([...toBFloat16(nans)].every((b) => (b & 0x7fff) > 0x7f80)).toBe(true);
    expect([...toBFloat16(Float32Array.of(3.4028235e38))]).toEqual([0x7f80]);
  });

  it("rounds bfloat16 to the nearest, ties to even", () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, max: Math.fround(3e38), min: Math.fround(-3e38) }),
        (value) => {
          const [got] = toBFloat16(Float32Array.of(value));
          const exact = new Uint32Array(Float32Array.of(value).buffer)[0]!;
          const candidates = [exact >>> 16, (exact >>> 16) + 1];
          const distance = (b: number) => Math.abs(widened("BF16", Uint16Array.of(b), 1)[0]! - value);
          const [a, b] = candidates.map(distance) as [number, number];
          const best = a < b ? candidates[0] : b < a ? candidates[1] : candidates.find((c) => c % 2 === 0);
          expect(got).toBe(best);
        },
      ),
      { numRuns: 2000, seed: 5 },
    );
  });
});

describe("rows", () => {
  const fused = stored(
    "F32",
    [6, 2],
    Float32Array.from({ length: 12 }, (_, i) => i),
  );

  it("splits a fused weight without reading it", () => {
    const path = join(folder, "fused.bin");
    writeFileSync(path, bytesOf(Float32Array.from({ length: 13 }, (_, i) => i - 1)));
    const inFile: StoredTensor = { ...fused, bytes: fileSpan(path, "", 4, 48) };
    const value = sliceRows(inFile, 4, 6);
    expect(value).toMatchObject({
      name: "t",
      dtype: "F32",
      shape: [2, 2],
      bytes: { file: path, stamp: "", offset: 36, length: 16 },
    });
    expect([...readStored(value).data]).toEqual([8, 9, 10, 11]);
    expect([...readStored(inFile, { rows: [1, 2] }).data]).toEqual([2, 3]);
    expect([...readStored(fused, { rows: [1, 2] }).data]).toEqual([2, 3]);
    expect(readStored(inFile, { rows: [3, 3] }).shape).toEqual([0, 2]);
  });

  it.each([
    [-1, 2],
    [3, 2],
    [0, 7],
    [0.5, 2],
    [0, NaN],
  ])("refuses rows %s..%s of 6", (start, end) => {
    expect(() => sliceRows(fused, start, end)).toThrow(RowRangeError);
  });

  it("refuses rows of a scalar", () => {
    expect(() => sliceRows(stored("F32", [], Float32Array.of(1)), 0, 1)).toThrow(RowRangeError);
  });

  it("widens across chunk borders, and 32 million float16 in a moment", () => {
    const count = 32 << 20;
    const path = join(folder, "large.bin");
    const handle = openSync(path, "w");
    ftruncateSync(handle, 2 * count);
    closeSync(handle);
    const large: StoredTensor = {
      name: "l",
      dtype: "F16",
      shape: [count],
      bytes: fileSpan(path, "", 0, 2 * count),
    };
    const start = performance.now();
    expect(readStored(large).data.length).toBe(count);
    expect(performance.now() - start).toBeLessThan(3_000);
    const values = Uint16Array.from({ length: (2 << 20) + 7 }, (_, i) => i);
    writeFileSync(path, bytesOf(values));
    const chunked: StoredTensor = {
      ...large,
      shape: [values.length],
      bytes: fileSpan(path, "", 0, 2 * values.length),
    };
    expect(readStored(chunked).data.findIndex((v, i) => !Object.is(v, halfValue(i & 0xffff)))).toBe(-1);
  });
});

/** The float32 next to a positive one. */
function nextFloat(value: number, step: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0]! += step;
  return new Float32Array(bits.buffer)[0]!;
}
