import { DTYPES } from "../tensor/dtype.js";
import { showShape, sizeOf } from "../tensor/shape.js";
import type { StoredTensor } from "../tensor/stored.js";
import { quote, RowRangeError } from "./errors.js";

/**
 * Rows `start..end` (end excluded) of the first axis as a tensor of its own, without reading anything. A fused weight
 * [3D,D] splits this way into three of [D,D]. Throws {@link RowRangeError}.
 */
export function sliceRows(stored: StoredTensor, start: number, end: number): StoredTensor {
  const { name, dtype, shape, bytes } = stored;
  const [count, ...rest] = shape;
  const sound = Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end;
  if (count === undefined || !sound || end > count) {
    throw new RowRangeError({
      what: "no such rows",
      where: `tensor ${quote(name)} of shape ${showShape(shape)}`,
      got: `rows ${start}..${end}`,
      expected: count === undefined ? "a tensor with at least one axis" : `0 <= start <= end <= ${count}`,
    });
  }
  const rowBytes = sizeOf(rest) * DTYPES[dtype].bytes;
  const from = start * rowBytes;
  const to = end * rowBytes;
  const part =
    bytes instanceof Uint8Array
      ? bytes.subarray(from, to)
      : { ...bytes, offset: bytes.offset + from, length: to - from };
  return { name, dtype, shape: [end - start, ...rest], bytes: part };
}
