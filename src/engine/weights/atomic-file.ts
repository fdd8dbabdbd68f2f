import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { DiskFullError, FileUnwritableError } from "./errors.js";

/**
 * A file that appears under its name only when it is complete: bytes go to a hidden file beside it, which {@link commit}
 * flushes to the disk and renames. Until then, and after any failure, what stood under the name before still does.
 */
export class AtomicFile {
  private open = true;

  private constructor(
    readonly path: string,
    private readonly temporary: string,
    private readonly handle: FileHandle,
  ) {}

  /** Throws {@link DiskFullError} or {@link FileUnwritableError}, as do the methods. */
  static async create(path: string): Promise<AtomicFile> {
    const target = resolve(path);
    const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${randomUUID()}.tmp`);
    try {
      return new AtomicFile(target, temporary, await open(temporary, "wx"));
    } catch (cause) {
      throw writeFailure(target, cause);
    }
  }

  /** Writes all of `bytes` at `position`. On failure the file is discarded. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    await this.orDiscard(async () => {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await this.handle.write(bytes, done, bytes.length - done, position + done);
        done += bytesWritten;
      }
    });
  }

  /** Puts the file under its name, whole and on the disk. */
  async commit(): Promise<void> {
    await this.orDiscard(async () => {
      await this.handle.sync();
      await this.handle.close();
      await rename(this.temporary, this.path);
      this.open = false;
    });
    await syncFolder(dirname(this.path));
  }

  /** Removes what was written so far; does nothing after {@link commit}. */
  async discard(): Promise<void> {
    if (!this.open) return;
    this.open = false;
    await this.handle.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }

  private async orDiscard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (cause) {
      await this.discard();
      throw writeFailure(this.path, cause);
    }
  }
}

/** Writes a file of text or bytes, whole or not at all. Throws {@link DiskFullError}, {@link FileUnwritableError}. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const file = await AtomicFile.create(path);
  await file.write(typeof content === "string" ? new TextEncoder().encode(content) : content, 0);
  await file.commit();
}

/** Makes the rename itself survive a power cut. Some platforms and file systems cannot open or flush a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Makes a folder, and those above it; one that is there is left as it is. Throws `DiskFullError`, `FileUnwritableError`. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw writeFailure(folder, cause);
  });
}

/** The typed error for a failure of the file system to write `path`; another cause is returned as it is. */
export function writeFailure(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === undefined) return cause as Error;
  if (code === "ENOSPC" || code === "EDQUOT") {
    const fix = "free some space and run it again; nothing was left behind";
    return new DiskFullError({ what: "the disk is full", where: path, got: code, fix, cause });
  }
  return new FileUnwritableError({ what: "cannot write file", where: path, got: code, fix: "check the folder", cause });
}
