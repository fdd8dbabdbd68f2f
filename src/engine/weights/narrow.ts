/** @file float32 to the 16-bit floats, rounding to nearest, ties to even. NaN stays NaN; overflow becomes infinity. */

/** The IEEE 754 binary16 bits of each value. */
export function toFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return convert(values, halfBits);
}

/** The bfloat16 bits of each value. */
export function toBFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  return convert(values, brainBits);
}

function convert(values: Float32Array, narrow: (bits: number) => number): Uint16Array<ArrayBuffer> {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const out = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) out[i] = narrow(bits[i]!);
  return out;
}

function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > INFINITY) return sign | 0x7e00 | ((magnitude >>> 13) & 0x1ff);
  if (magnitude >= TWO_TO_16) return sign | 0x7c00;
  if (magnitude >= SMALLEST_NORMAL_HALF) {
    // A carry out of the fraction runs into the exponent, and from the largest half into infinity, as it should.
    const rebased = magnitude - (112 << 23);
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  if (magnitude < HALF_OF_SMALLEST_HALF) return sign;
  const significand = (magnitude & 0x7fffff) | 0x800000;
  return sign | shiftToNearestEven(significand, 126 - (magnitude >>> 23));
}

function brainBits(bits: number): number {
  if ((bits & 0x7fffffff) > INFINITY) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function shiftToNearestEven(value: number, shift: number): number {
  const kept = value >>> shift;
  const lost = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return lost > half || (lost === half && (kept & 1) === 1) ? kept + 1 : kept;
}

// Bits of float32 magnitudes.
const INFINITY = 0x7f800000;
const TWO_TO_16 = 0x47800000;
const SMALLEST_NORMAL_HALF = 0x38800000;
const HALF_OF_SMALLEST_HALF = 0x33000000;
