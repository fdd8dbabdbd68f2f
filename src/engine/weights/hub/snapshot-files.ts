import { realpath, stat } from "node:fs/promises";
import type { Wanted } from "./answer-errors.js";
import { CachedFileCorruptError } from "./cache-errors.js";
import type { Source } from "./catalog.js";
import { hashFile, type HubFile } from "./digest.js";
import type { Records } from "./records.js";
import type { RepoCache } from "./repo-cache.js";
import { assertSafeName } from "./repo-id.js";
import { downloadBlob } from "./transfer.js";

export interface Progress {
  readonly file: string;
  readonly receivedBytes: number;
  readonly totalBytes: number;
  /** Bytes that were there already: from an interrupted download, or all of them for a file in the cache. */
  readonly resumedFrom: number;
}

/** Progress is told in steps of at least this part of a file. */
const PROGRESS_STEP = 1 / 200;

/** The files of one commit, brought into the snapshot folder one by one as they are asked for. */
export class SnapshotFiles {
  readonly #cache: RepoCache;
  readonly #records: Records;
  readonly #source: Source;
  readonly #wanted: Wanted;
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: (progress: Progress) => void;

  /** `wanted.revision` must be a commit. */
  constructor(
    cache: RepoCache,
    records: Records,
    source: Source,
    wanted: Wanted,
    signal: AbortSignal | undefined,
    onProgress: (progress: Progress) => void,
  ) {
    this.#cache = cache;
    this.#records = records;
    this.#source = source;
    this.#wanted = wanted;
    this.#signal = signal;
    this.#onProgress = onProgress;
  }

  /**
   * The path of a file whose content is known to be right: it was hashed while it came in, or once when Vitrine first met it
   * in the cache. Throws the errors of `downloadBlob`, `CachedFileCorruptError` and `UnsafeFileNameError`.
   */
  async obtain(file: HubFile): Promise<string> {
    this.#signal?.throwIfAborted();
    const wanted = { ...this.#wanted, file: file.path };
    assertSafeName(file.path, this.#wanted);
    const pointer = this.#cache.pointer(wanted.revision, file.path);
    const present = await resolved(pointer);
    const content = present ?? (await this.#blobOf(file));
    if (content !== undefined) await this.#check(content, file);
    else await this.#download(file, wanted);
    if (present === undefined) await this.#cache.link(file.hash, wanted.revision, file.path);
    return pointer;
  }

  /** Paths of those of `files` that would have to be downloaded. */
  async absent(files: readonly HubFile[]): Promise<string[]> {
    const there = await Promise.all(
      files.map(async (file) => {
        return (await resolved(this.#cache.pointer(this.#wanted.revision, file.path))) ?? this.#blobOf(file);
      }),
    );
    return files.filter((_, i) => there[i] === undefined).map(({ path }) => path);
  }

  /** The blob that a snapshot of another commit, or another process, has brought. */
  async #blobOf({ hash }: HubFile): Promise<string | undefined> {
    return hash === "" ? undefined : resolved(this.#cache.blob(hash));
  }

  async #download(file: HubFile, wanted: Wanted): Promise<void> {
    if ("missing" in this.#source) throw this.#source.missing([file.path]);
    await this.#cache.prepare();
    let told = -Infinity;
    await downloadBlob(this.#source.connection, wanted, file, this.#cache.blobs, (received, resumedFrom) => {
      const small = received >= told && received < told + file.size * PROGRESS_STEP;
      if (small && received < file.size) return;
      told = received;
      this.#tell(file, received, resumedFrom);
    });
    await this.#records.markVerified(await realpath(this.#cache.blob(file.hash)), file.hash);
  }

  async #check(path: string, file: HubFile): Promise<void> {
    await checkContent(path, file, this.#records, this.#signal);
    this.#tell(file, file.size, file.size);
  }

  #tell(file: HubFile, receivedBytes: number, resumedFrom: number): void {
    this.#onProgress({ file: file.path, receivedBytes, totalBytes: file.size, resumedFrom });
  }
}

/** Throws {@link CachedFileCorruptError} unless `path` (links resolved) holds `file`; hashes it only if it changed since the last time. */
async function checkContent(path: string, file: HubFile, records: Records, signal?: AbortSignal): Promise<void> {
  const { size } = await stat(path);
  if (size !== file.size) throw new CachedFileCorruptError(path, `${size} bytes`, `${file.size} bytes`);
  if (file.hash === "" || (await records.isVerified(path, file.hash))) return;
  const got = await hashFile(path, file.hash, signal);
  if (got !== file.hash) throw new CachedFileCorruptError(path, got, file.hash);
  await records.markVerified(path, file.hash);
}

async function resolved(path: string): Promise<string | undefined> {
  return realpath(path).catch(() => undefined);
}
