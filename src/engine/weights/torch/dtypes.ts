import type { TorchDType } from "./values.js";

/** Element types by the name of their storage class, as torch.save writes it up to today. */
export const STORAGE_CLASSES: ReadonlyMap<string, TorchDType> = new Map<string, TorchDType>([
  ["DoubleStorage", { label: "float64", bytes: 8, stored: "F64" }],
  ["FloatStorage", { label: "float32", bytes: 4, stored: "F32" }],
  ["HalfStorage", { label: "float16", bytes: 2, stored: "F16" }],
  ["BFloat16Storage", { label: "bfloat16", bytes: 2, stored: "BF16" }],
  ["LongStorage", { label: "int64", bytes: 8, stored: "I64" }],
  ["IntStorage", { label: "int32", bytes: 4, stored: "I32" }],
  ["ShortStorage", { label: "int16", bytes: 2, stored: "I16" }],
  ["CharStorage", { label: "int8", bytes: 1, stored: "I8" }],
  ["ByteStorage", { label: "uint8", bytes: 1, stored: "U8" }],
  ["BoolStorage", { label: "bool", bytes: 1, stored: "BOOL" }],
  ["UntypedStorage", { label: "bytes", bytes: 1, stored: "U8" }],
  ["ComplexFloatStorage", { label: "complex64", bytes: 8 }],
  ["ComplexDoubleStorage", { label: "complex128", bytes: 16 }],
]);

/** Element types by the name of their `torch.dtype`. Those without a storage class are saved over bytes. */
export const TORCH_DTYPES: ReadonlyMap<string, TorchDType> = new Map<string, TorchDType>([
  ...[...STORAGE_CLASSES.values()].filter(({ label }) => label !== "bytes").map((type) => [type.label, type] as const),
  ["uint16", { label: "uint16", bytes: 2, stored: "U16" }],
  ["uint32", { label: "uint32", bytes: 4, stored: "U32" }],
  ["uint64", { label: "uint64", bytes: 8, stored: "U64" }],
  ["complex32", { label: "complex32", bytes: 4 }],
  ["float8_e4m3fn", { label: "float8_e4m3fn", bytes: 1 }],
  ["float8_e5m2", { label: "float8_e5m2", bytes: 1 }],
  ["float8_e4m3fnuz", { label: "float8_e4m3fnuz", bytes: 1 }],
  ["float8_e5m2fnuz", { label: "float8_e5m2fnuz", bytes: 1 }],
  ["float8_e8m0fnu", { label: "float8_e8m0fnu", bytes: 1 }],
]);
