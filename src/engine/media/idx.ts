/**
 * IDX, the format of MNIST and Fashion-MNIST: two zero bytes, a type, a number of axes, their lengths as big-endian 32-bit
 * numbers, then the samples (http://yann.lecun.com/exdb/mnist).
 */
import { IdxFormatError, IdxSizeError } from "./idx-errors.js";

/** Samples of unsigned bytes. */
export interface Idx {
  readonly shape: readonly number[];
  /** Not copied. */
  readonly data: Uint8Array;
}

const UNSIGNED_BYTE = 8;
const TYPES: Readonly<Record<number, string>> = {
  8: "unsigned bytes",
  9: "signed bytes",
  11: "16-bit integers",
  12: "32-bit integers",
  13: "32-bit floats",
  14: "64-bit floats",
};

/** Whether bytes begin as IDX files do. */
export function looksLikeIdx(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && bytes[0] === 0 && bytes[1] === 0 && Object.hasOwn(TYPES, bytes[2]!) && bytes[3]! >= 1;
}

/**
 * Reads samples with `axes` axes: 3 for pictures, 1 for labels. Throws {@link IdxFormatError} for another kind of file, and
 * {@link IdxSizeError} for one that is shorter or longer than its header says.
 */
export function parseIdx(where: string, bytes: Uint8Array, axes: number): Idx {
  const expected = `0 0 ${UNSIGNED_BYTE} ${axes}`;
  if (!looksLikeIdx(bytes)) {
    const begins = bytes.length === 0 ? "no bytes" : `a file that begins with ${[...bytes.subarray(0, 4)].join(" ")}`;
    throw new IdxFormatError(where, begins, `an IDX file, which begins with ${expected}`);
  }
  if (bytes[2] !== UNSIGNED_BYTE) {
    throw new IdxFormatError(where, `samples of ${TYPES[bytes[2]!]!}`, `samples of ${TYPES[UNSIGNED_BYTE]!}`);
  }
  if (bytes[3] !== axes) throw new IdxFormatError(where, kindOf(bytes[3]!), kindOf(axes));
  const start = 4 + 4 * axes;
  if (bytes.length < start) throw new IdxSizeError(where, bytes.length, `at least ${start} bytes, its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const shape = Array.from({ length: axes }, (_, axis) => view.getUint32(4 + 4 * axis));
  const size = shape.reduce((product, length) => product * length, 1);
  if (bytes.length !== start + size) {
    throw new IdxSizeError(where, bytes.length, `${start + size} bytes for ${shape.join(" × ")} samples`);
  }
  return { shape, data: bytes.subarray(start) };
}

function kindOf(axes: number): string {
  return axes === 1 ? "labels (one axis)" : axes === 3 ? "pictures (three axes)" : `samples with ${axes} axes`;
}
