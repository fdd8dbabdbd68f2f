/** @file Stored element types to float32. Little-endian bytes are viewed in place: every host that ORT runs on is so. */
import { DTYPES, type StoredDType } from "../tensor/dtype.js";

/**
 * Widens `bytes` (elements of `dtype`, little-endian) into `out` from element `at` on. Exact for F32, F16, BF16, I16, I8,
 * U16, U8 and BOOL (0 or 1); F64 and the wide integers round to the nearest float32.
 */
export function widen(dtype: StoredDType, bytes: Uint8Array, out: Float32Array, at: number): void {
  const { bytes: size } = DTYPES[dtype];
  const count = bytes.length / size;
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  const target = out.subarray(at, at + count);
  switch (dtype) {
    case "F32":
      target.set(new Float32Array(buffer, byteOffset, count));
      break;
    case "F64":
      target.set(new Float64Array(buffer, byteOffset, count));
      break;
    case "F16":
      widenF16(new Uint16Array(buffer, byteOffset, count), target);
      break;
    case "BF16":
      widenBF16(new Uint16Array(buffer, byteOffset, count), target);
      break;
    case "I64":
      widenInt64(new Uint32Array(buffer, byteOffset, 2 * count), target, true);
      break;
    case "U64":
      widenInt64(new Uint32Array(buffer, byteOffset, 2 * count), target, false);
      break;
    case "I32":
      target.set(new Int32Array(buffer, byteOffset, count));
      break;
    case "U32":
      target.set(new Uint32Array(buffer, byteOffset, count));
      break;
    case "I16":
      target.set(new Int16Array(buffer, byteOffset, count));
      break;
    case "U16":
      target.set(new Uint16Array(buffer, byteOffset, count));
      break;
    case "I8":
      target.set(new Int8Array(buffer, byteOffset, count));
      break;
    case "U8":
      target.set(new Uint8Array(buffer, byteOffset, count));
      break;
    case "BOOL":
      for (let i = 0; i < count; i++) target[i] = bytes[i] === 0 ? 0 : 1;
  }
}

// The two below move bits, not numbers, so that NaN payloads survive.

function widenF16(source: Uint16Array, target: Float32Array): void {
  const bits = bitsOf(target);
  const table = halfTable();
  for (let i = 0; i < source.length; i++) bits[i] = table[source[i]!]!;
}

function widenBF16(source: Uint16Array, target: Float32Array): void {
  const bits = bitsOf(target);
  for (let i = 0; i < source.length; i++) bits[i] = source[i]! << 16;
}

/** Pairs of 32-bit words, low first: far cheaper than one bigint per element. */
function widenInt64(words: Uint32Array, target: Float32Array, signed: boolean): void {
  for (let i = 0; i < target.length; i++) {
    const high = words[2 * i + 1]!;
    target[i] = (signed ? high | 0 : high) * 2 ** 32 + words[2 * i]!;
  }
}

function bitsOf(target: Float32Array): Uint32Array {
  return new Uint32Array(target.buffer, target.byteOffset, target.length);
}

let table: Uint32Array | undefined;

/** The float32 bits of every float16, built on first use (256 KB). */
function halfTable(): Uint32Array {
  table ??= Uint32Array.from({ length: 0x10000 }, (_, half) => halfToFloatBits(half));
  return table;
}

/** IEEE 754 binary16 to binary32. */
function halfToFloatBits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return (sign | 0x7f800000 | (fraction << 13)) >>> 0;
  if (exponent !== 0) return (sign | ((exponent + 112) << 23) | (fraction << 13)) >>> 0;
  if (fraction === 0) return sign >>> 0;
  // Subnormal: shift the leading one up to the implicit place, at most ten steps.
  const shift = Math.clz32(fraction) - 21;
  return (sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13)) >>> 0;
}
