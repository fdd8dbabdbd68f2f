/** Element types of host and stored tensors. Names follow safetensors; they are widened to float32 to be computed with. */
export const DTYPES = {
  F64: { bytes: 8 },
  F32: { bytes: 4 },
  F16: { bytes: 2 },
  BF16: { bytes: 2 },
  I64: { bytes: 8 },
  I32: { bytes: 4 },
  I16: { bytes: 2 },
  I8: { bytes: 1 },
  U64: { bytes: 8 },
  U32: { bytes: 4 },
  U16: { bytes: 2 },
  U8: { bytes: 1 },
  BOOL: { bytes: 1 },
} as const;

export type StoredDType = keyof typeof DTYPES;

/** Element types that graphs compute with. */
export type DType = "float32" | "int32" | "bool";
