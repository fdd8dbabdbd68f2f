import { DTYPES } from "../tensor/dtype.js";
import { sizeOf } from "../tensor/shape.js";
import type { FileSpan, StoredTensor } from "../tensor/stored.js";
import { type FloatTensor, floatTensor } from "../tensor/tensor.js";
import { sliceRows } from "./slice-rows.js";
import { widen } from "./widen.js";

/** Bytes widened at a time: bounds the memory beside the result, and stays in the cache's reach. A multiple of 8. */
const CHUNK = 4 << 20;

export interface ReadOptions {
  /** Half-open range of the first axis; all rows when absent. */
  readonly rows?: readonly [start: number, end: number];
  /** Memory for the result, if it is large enough: for readers of many parts, one after another. */
  readonly into?: Float32Array;
}

/**
 * Brings a stored tensor to the host as float32, reading only the bytes needed; blocks until they are read.
 *
 * Shape: that of `stored`, the first axis cut to `rows`. Throws `RowRangeError`, `FileTruncatedError` when the
 * file is shorter than when the tensor was located, `FileMissingError`, `FileUnreadableError`.
 */
export function readStored(stored: StoredTensor, { rows, into }: ReadOptions = {}): FloatTensor {
  const { dtype, shape, bytes } = rows === undefined ? stored : sliceRows(stored, rows[0], rows[1]);
  const size = sizeOf(shape);
  const out = into !== undefined && into.length >= size ? into.subarray(0, size) : new Float32Array(size);
  if (bytes instanceof Uint8Array) widen(dtype, bytes, out, 0);
  else if (dtype === "F32")
    forEachChunk(bytes, new Uint8Array(out.buffer, out.byteOffset, out.byteLength), () => undefined);
  else {
    const scratch = new Uint8Array(Math.min(CHUNK, bytes.length));
    const width = DTYPES[dtype].bytes;
    forEachChunk(bytes, scratch, (chunk, offset) => {
      widen(dtype, chunk, out, offset / width);
    });
  }
  return floatTensor(out, shape);
}

/** Fills `scratch` again and again until the whole span has passed through it. */
function forEachChunk(span: FileSpan, scratch: Uint8Array, use: (chunk: Uint8Array, offset: number) => void): void {
  if (span.length === 0) return;
  const file = span.open();
  try {
    for (let offset = 0; offset < span.length; offset += scratch.length) {
      const chunk = scratch.subarray(0, Math.min(scratch.length, span.length - offset));
      file.read(chunk, span.offset + offset);
      use(chunk, offset);
    }
  } finally {
    file.close();
  }
}
