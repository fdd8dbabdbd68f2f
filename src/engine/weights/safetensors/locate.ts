import type { StoredTensor } from "../../tensor/stored.js";
import type { ReadableFile, TensorFile } from "../tensor-file.js";
import { headerLength, isStoredDType, LENGTH_BYTES, parseHeader } from "./header.js";

/** Reads the header and locates the tensors; no weight is read. Throws the errors of `safetensors/errors.ts`. */
export async function readHeaderOf(file: ReadableFile): Promise<TensorFile> {
  const prefix = await file.read(0, Math.min(LENGTH_BYTES, file.size));
  const length = headerLength(prefix, file.size, file.path);
  const dataStart = LENGTH_BYTES + length;
  const header = parseHeader(await file.read(LENGTH_BYTES, length), file.size - dataStart, file.path);
  const tensors = new Map<string, StoredTensor>();
  const unsupported = new Map<string, string>();
  for (const { name, dtype, shape, begin, end } of header.entries) {
    if (!isStoredDType(dtype)) {
      unsupported.set(name, dtype);
      continue;
    }
    const bytes = file.span(dataStart + begin, end - begin);
    tensors.set(name, { name, dtype, shape, bytes });
  }
  return { path: file.path, size: file.size, metadata: header.metadata, tensors, unsupported };
}
