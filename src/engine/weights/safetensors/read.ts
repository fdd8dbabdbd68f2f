import type { StoredTensor } from "../../tensor/stored.js";
import { SourceFile } from "../source-file.js";
import type { TensorFile } from "../tensor-file.js";
import { headerLength, isStoredDType, LENGTH_BYTES, parseHeader } from "./header.js";

/**
 * Reads the header of a safetensors file and locates its tensors; no weight is read.
 *
 * Throws one of the errors of `safetensors/errors.ts` when the file breaks a promise of the format, and
 * `FileMissingError`, `FileUnreadableError` or `FileTruncatedError` when the file system does.
 * Source of the format: the README of the safetensors repository.
 */
export async function readSafetensorsHeader(path: string): Promise<TensorFile> {
  await using file = await SourceFile.open(path);
  return await readHeaderOf(file);
}

/** As {@link readSafetensorsHeader}, of a file that is open already. */
export async function readHeaderOf(file: SourceFile): Promise<TensorFile> {
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
