import { SourceFile } from "../source-file.js";
import type { TensorFile } from "../tensor-file.js";
import { readHeaderOf } from "./locate.js";

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
