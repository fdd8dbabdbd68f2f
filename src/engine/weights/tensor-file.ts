import type { FileSpan, StoredTensor } from "../tensor/stored.js";

/** A file of weights, on disk or in memory. */
export interface ReadableFile {
  /** For messages. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Where these bytes lie, for who reads them later. */
  span(offset: number, length: number): FileSpan | Uint8Array;
}

/** A file whose bytes are here already; `path` is for messages. */
export function memoryFile(path: string, bytes: Uint8Array<ArrayBuffer>): ReadableFile {
  return {
    path,
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
    span: (offset, length) => bytes.subarray(offset, offset + length),
  };
}

/** What one weight file holds, whatever its format. */
export interface TensorFile {
  /** Absolute, links resolved. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Free-form notes of the file's author; no prototype, so any key is safe to look up. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /**
   * Tensors of element types that Vitrine does not compute with, by name, with the type. They are no reason to refuse
   * the file: the other tensors are sound, and asking for one of these gives an `UnsupportedDTypeError`.
   */
  readonly unsupported: ReadonlyMap<string, string>;
}

/** An object without prototype, in which `__proto__` is a key like any other. */
export function plainRecord(entries: Iterable<readonly [string, string]>): Record<string, string> {
  const record = Object.create(null) as Record<string, string>;
  for (const [key, value] of entries) record[key] = value;
  return record;
}
