import { DTYPES, type StoredDType } from "../../tensor/dtype.js";
import { TensorDataError } from "../errors.js";
import { toBFloat16, toFloat16 } from "../narrow.js";

/**
 * Elements to write. A `Uint8Array` is always raw little-endian bytes of the tensor's own type (one byte per element for
 * U8 and BOOL), so that stored weights can be copied without a detour.
 */
export type TensorElements = Uint8Array | Float32Array | Float64Array | Int32Array | BigInt64Array;

/** `data` as bytes of `dtype`; float32 rounds to F16 and BF16 to nearest even. Throws {@link TensorDataError}. */
export function encodeElements(dtype: StoredDType, data: TensorElements, where: string): Uint8Array {
  const encoded = convert(dtype, data);
  if (encoded !== undefined) {
    return new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  }
  throw new TensorDataError({
    what: "data of the wrong type",
    where,
    got: data.constructor.name,
    expected: `${SOURCES[dtype] ?? `Uint8Array of raw bytes (${DTYPES[dtype].bytes} per element)`} for ${dtype}`,
  });
}

const SOURCES: Partial<Record<StoredDType, string>> = {
  F64: "Float64Array",
  F32: "Float32Array",
  F16: "Float32Array",
  BF16: "Float32Array",
  I64: "BigInt64Array or Int32Array",
  I32: "Int32Array",
};

function convert(dtype: StoredDType, data: TensorElements): ArrayBufferView | undefined {
  if (data instanceof Uint8Array) return data;
  if (data instanceof Float32Array) {
    if (dtype === "F32") return data;
    if (dtype === "F16") return toFloat16(data);
    return dtype === "BF16" ? toBFloat16(data) : undefined;
  }
  if (data instanceof Float64Array) return dtype === "F64" ? data : undefined;
  if (data instanceof Int32Array) {
    if (dtype === "I32") return data;
    return dtype === "I64" ? BigInt64Array.from(data, BigInt) : undefined;
  }
  return dtype === "I64" ? data : undefined;
}
