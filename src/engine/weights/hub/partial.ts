/**
 * The bytes of a blob that have been received so far, in a file of their own beside the blobs.
 *
 * @file Named `HASH.PID.HOST.RANDOM.incomplete`: unique, so that two processes never write to one file, and telling whether
 * its writer still lives. A partial whose writer has died or let it go (PID 0) is taken over by renaming it, which only one
 * of several takers can do. A partial is never shortened, only replaced: a writer that lost its file by mistake can
 * then do no harm beyond putting the same bytes in the same place.
 */

import { createHash, type Hash, randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { feedFile, type HubFile, startDigest } from "./digest.js";

const HOST = createHash("sha256").update(hostname()).digest("hex").slice(0, 8);
const NAME = /^([0-9a-f]+)\.(\d+)\.([0-9a-f]{8})\.[0-9a-f]{12}\.incomplete$/;
/** Nobody is known to hold it any more. */
const RELEASED = 0;
/** After so long without a byte a writer is taken for dead, even one on another host or one whose PID is in use again. */
const ABANDONED_MS = 60 * 60_000;

export class PartialBlob {
  /** How many bytes are on disk and in the running hash. */
  bytes = 0;
  readonly #folder: string;
  readonly #content: HubFile;
  #path: string;
  #handle: FileHandle;
  #digest: Hash;

  private constructor(folder: string, content: HubFile, path: string, handle: FileHandle) {
    this.#folder = folder;
    this.#content = content;
    this.#path = path;
    this.#handle = handle;
    this.#digest = startDigest(content.hash, content.size);
  }

  /** Takes over the longest abandoned partial of this content, hashing it anew, or starts an empty one. */
  static async open(folder: string, content: HubFile, signal: AbortSignal | undefined): Promise<PartialBlob> {
    for (const abandoned of await abandonedPartials(folder, content.hash)) {
      const path = newName(folder, content.hash, process.pid);
      // Another process may be faster.
      if (!(await succeeds(rename(abandoned, path)))) continue;
      const partial = new PartialBlob(folder, content, path, await open(path, "r+"));
      partial.bytes = (await stat(path)).size;
      if (partial.bytes > content.size) {
        await partial.discard();
        continue;
      }
      try {
        await feedFile(partial.#digest, path, signal);
      } catch (error) {
        await partial.release();
        throw error;
      }
      return partial;
    }
    const path = newName(folder, content.hash, process.pid);
    return new PartialBlob(folder, content, path, await open(path, "wx+"));
  }

  async append(chunk: Uint8Array): Promise<void> {
    for (let at = 0; at < chunk.length;) {
      const { bytesWritten } = await this.#handle.write(chunk, at, chunk.length - at, this.bytes + at);
      at += bytesWritten;
    }
    this.#digest.update(chunk);
    this.bytes += chunk.length;
  }

  /** Forgets what was received. */
  async restart(): Promise<void> {
    await this.discard();
    this.#path = newName(this.#folder, this.#content.hash, process.pid);
    this.#handle = await open(this.#path, "wx+");
    this.#digest = startDigest(this.#content.hash, this.#content.size);
  }

  /** The hash of everything received; nothing can be appended after it. */
  digest(): string {
    return this.#digest.digest("hex");
  }

  /** Brings the content safely to disk and then, at once, to its final name. */
  async commit(blob: string): Promise<void> {
    await this.#handle.sync();
    await this.#handle.close();
    await rename(this.#path, blob);
    for (const leftover of await abandonedPartials(this.#folder, this.#content.hash))
      await rm(leftover, { force: true });
  }

  /** Leaves the bytes for a later download, by whomever. */
  async release(): Promise<void> {
    if (this.bytes === 0) return this.discard();
    await this.#handle.close();
    await succeeds(rename(this.#path, newName(this.#folder, this.#content.hash, RELEASED)));
  }

  async discard(): Promise<void> {
    this.bytes = 0;
    await this.#handle.close();
    await rm(this.#path, { force: true });
  }
}

function newName(folder: string, hash: string, pid: number): string {
  return join(folder, `${hash}.${pid}.${HOST}.${randomBytes(6).toString("hex")}.incomplete`);
}

/** Paths of partials that nobody writes to, longest first. */
async function abandonedPartials(folder: string, hash: string): Promise<string[]> {
  const found: { path: string; size: number }[] = [];
  for (const name of await readdir(folder)) {
    const [, owned, pid, host] = NAME.exec(name) ?? [];
    if (owned !== hash) continue;
    const path = join(folder, name);
    const info = await stat(path).catch(() => undefined);
    if (info === undefined) continue;
    const old = Date.now() - info.mtimeMs > ABANDONED_MS;
    const dead = host === HOST && !isAlive(Number(pid));
    if (Number(pid) === RELEASED || dead || old) found.push({ path, size: info.size });
  }
  return found.sort((a, b) => b.size - a.size).map(({ path }) => path);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
