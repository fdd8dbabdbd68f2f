import { closeSync, constants, openSync, readSync } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import type { FileSpan, SpanFile } from "../tensor/stored.js";
import { FileMissingError, FileTruncatedError, FileUnreadableError } from "./errors.js";
import { stampOf } from "./file-stamp.js";

const { O_RDONLY, O_NONBLOCK } = constants;

/** A regular file opened for reading at chosen offsets. Never reads outside `0..size`. */
export class SourceFile {
  private constructor(
    /** Absolute, links resolved. */
    readonly path: string,
    /** Bytes, when it was opened. */
    readonly size: number,
    private readonly stamp: string,
    private readonly handle: FileHandle,
  ) {}

  /** Throws {@link FileMissingError} or {@link FileUnreadableError}. */
  static async open(path: string): Promise<SourceFile> {
    let handle: FileHandle | undefined;
    try {
      const resolved = await realpath(path);
      // Non-blocking, because opening a named pipe would otherwise wait for a writer.
      handle = await open(resolved, O_RDONLY | O_NONBLOCK);
      const stats = await handle.stat({ bigint: true });
      if (stats.isFile()) return new SourceFile(resolved, Number(stats.size), stampOf(stats), handle);
    } catch (cause) {
      await handle?.close();
      throw readFailure(path, cause);
    }
    await handle.close();
    throw new FileUnreadableError({
      what: "cannot read weights",
      where: path,
      got: "a folder, pipe or device",
      expected: "a regular file",
    });
  }

  /** Throws {@link FileTruncatedError} when the file has become shorter since it was opened. */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw new Error(`internal: read of ${length} bytes at ${offset} leaves ${this.path} (${this.size} bytes)`);
    }
    const bytes = new Uint8Array(length);
    let done = 0;
    while (done < length) {
      const { bytesRead } = await this.handle
        .read(bytes, done, length - done, offset + done)
        .catch((cause: unknown) => {
          throw readFailure(this.path, cause);
        });
      if (bytesRead === 0) throw truncated(this.path, offset + length, offset + done);
      done += bytesRead;
    }
    return bytes;
  }

  /** Where these bytes lie, for who reads them later. */
  span(offset: number, length: number): FileSpan {
    return fileSpan(this.path, this.stamp, offset, length);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** `length` bytes at `offset` of the file at `path`, which had this stamp. */
export function fileSpan(path: string, stamp: string, offset: number, length: number): FileSpan {
  return { file: path, stamp, offset, length, open: () => openSpanFile(path) };
}

function openSpanFile(path: string): SpanFile {
  const handle = attempt(path, () => openSync(path, "r"));
  return {
    read(into, position) {
      for (let done = 0; done < into.length;) {
        const got = attempt(path, () => readSync(handle, into, done, into.length - done, position + done));
        if (got === 0) throw truncated(path, position + into.length, position + done);
        done += got;
      }
    },
    close: () => {
      closeSync(handle);
    },
  };
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw readFailure(path, cause);
  }
}

/** The typed form of an error that a read from the file system threw. */
export function readFailure(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === undefined) return cause as Error;
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new FileMissingError({ what: "no such file or folder", where: path, fix: "check the path", cause });
  }
  return new FileUnreadableError({ what: "cannot read weights", where: path, got: code, cause });
}

export function truncated(path: string, needed: number, found: number): FileTruncatedError {
  return new FileTruncatedError({
    what: "a weight file became shorter while it was in use",
    where: path,
    got: `${found} bytes`,
    expected: `at least ${needed}`,
    fix: "restore the file and open it again",
  });
}
