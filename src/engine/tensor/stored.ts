import type { StoredDType } from "./dtype.js";
import type { Shape } from "./shape.js";

/**
 * A tensor at rest: where its bytes lie, not the bytes. Row-major, little-endian, contiguous.
 * Runtimes map it from the file; `readStored` (engine/weights) brings it to the host.
 */
export interface StoredTensor {
  /** The tensor's name in its checkpoint, for messages. */
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
  readonly bytes: FileSpan | Uint8Array;
}

/** `length` bytes at `offset` of a file. */
export interface FileSpan {
  /** Absolute path with links resolved. */
  readonly file: string;
  /** Tells whether the file is still the one that the span was found in (`stampOf`). */
  readonly stamp: string;
  readonly offset: number;
  readonly length: number;
  /** Opens the file, for reading at once. A span brings this along, so that code without a file system can hold spans. */
  readonly open: () => SpanFile;
}

/** A file open for reading; blocks. Throws `FileTruncatedError`, `FileMissingError`, `FileUnreadableError`. */
export interface SpanFile {
  /** Fills `into` from `position` of the file on. */
  read(into: Uint8Array, position: number): void;
  close(): void;
}
