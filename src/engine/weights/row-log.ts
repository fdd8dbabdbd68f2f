/** Rows of one tensor, appended over a long run that may be ended and taken up again. */
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { UsageError } from "../errors.js";
import { writeFailure } from "./atomic-file.js";
import { layOut } from "./safetensors/layout.js";

export interface RowLogOptions {
  /** Of the tensor. */
  readonly name: string;
  /** Rows there will be, and numbers in each. */
  readonly shape: readonly [rows: number, width: number];
  /** What the rows are of. A run with other metadata is another run. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Throws away what another run, or an earlier one, left. */
  readonly restart?: boolean;
}

const BYTES = 4;

/**
 * A safetensors file of float32 rows that grows in order, beside its place, and takes its name in {@link finish}.
 *
 * The file itself says how far a run has come: its head, which names the run, and the whole rows after it. So a run that is
 * killed at any moment goes on after the last whole row, and none is lost or written twice.
 */
export class RowLog implements AsyncDisposable {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #head: number;
  readonly #width: number;
  #rows: number;

  private constructor(path: string, handle: FileHandle, head: number, width: number, rows: number) {
    this.#path = path;
    this.#handle = handle;
    this.#head = head;
    this.#width = width;
    this.#rows = rows;
  }

  /** Throws `UsageError` when the rows of another run stand there, `DiskFullError`, `FileUnwritableError`. */
  static async open(path: string, { name, shape, metadata, restart = false }: RowLogOptions): Promise<RowLog> {
    const target = resolve(path);
    const { head } = layOut([{ name, dtype: "F32", shape }], metadata, target);
    const partial = partialOf(target);
    const rowBytes = shape[1] * BYTES;
    const { handle, found } = await openAt(partial, restart, head).catch((cause: unknown) => {
      throw writeFailure(target, cause);
    });
    if (!found.equals(head)) {
      await handle.close();
      throw otherRun(partial);
    }
    const { size } = await handle.stat();
    const rows = Math.min(shape[0], Math.floor((size - head.length) / rowBytes));
    // What a write left of a row when it was ended.
    await handle.truncate(head.length + rows * rowBytes);
    return new RowLog(target, handle, head.length, shape[1], rows);
  }

  /** Whole rows that are there. */
  get rows(): number {
    return this.#rows;
  }

  /** Adds rows [n,width]. */
  async append(rows: Float32Array): Promise<void> {
    const bytes = new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength);
    const position = this.#head + this.#rows * this.#width * BYTES;
    await this.#handle.writev([bytes], position).catch((cause: unknown) => {
      throw writeFailure(this.#path, cause);
    });
    this.#rows += rows.length / this.#width;
  }

  /** Rows from `start` to before `end`, [n,width]. */
  async read(start: number, end: number): Promise<Float32Array> {
    const rows = new Float32Array((end - start) * this.#width);
    const bytes = new Uint8Array(rows.buffer);
    await this.#handle.read(bytes, 0, bytes.length, this.#head + start * this.#width * BYTES);
    return rows;
  }

  /** Flushes the file and gives it its name. */
  async finish(): Promise<void> {
    try {
      await this.#handle.sync();
      await rename(partialOf(this.#path), this.#path);
    } catch (cause) {
      throw writeFailure(this.#path, cause);
    }
  }

  /** Closes the file; what is there stays for the next run. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }
}

const partialOf = (path: string): string => `${path}.partial`;

/** Opens a file that has a head, which is written where there is none yet; returns the head that is there. */
async function openAt(
  path: string,
  restart: boolean,
  head: Uint8Array,
): Promise<{ handle: FileHandle; found: Buffer }> {
  if (restart) await rm(path, { force: true });
  const handle = await open(path, "r+").catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return open(path, "wx+");
    throw cause;
  });
  const { size } = await handle.stat();
  if (size < head.length) await handle.write(head, 0, head.length, 0);
  const found = Buffer.alloc(head.length);
  await handle.read(found, 0, head.length, 0);
  return { handle, found };
}

function otherRun(where: string): UsageError {
  return new UsageError({
    what: "another run was begun here, with another model, other pictures or other options",
    where,
    fix: "run that one to its end, choose another --out, or pass --force to drop it",
  });
}
