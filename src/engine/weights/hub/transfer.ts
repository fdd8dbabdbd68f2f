import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { HubInterruptedError, HubUnreachableError, type Wanted } from "./answer-errors.js";
import { cacheDiskFull, HashMismatchError, SizeMismatchError, writeFailure } from "./cache-errors.js";
import type { HubFile } from "./digest.js";
import { type Connection, type Exchange, get } from "./http.js";
import { PartialBlob } from "./partial.js";
import { refusal } from "./refusal.js";
import { Retries } from "./retry.js";

/** So much news since the last failure makes a download count as healthy again. */
const HEALTHY_BYTES = 1 << 20;

/** Told after every piece: bytes on disk, and how many of them an earlier, interrupted download had left. */
export type OnBytes = (received: number, resumedFrom: number) => void;

/**
 * Downloads one file of the commit `wanted.revision` to `folder`/HASH, which appears only once size and hash are right.
 *
 * A broken connection is taken up where it broke. Wrong content is fetched once more from the start. After a failure or an
 * abort, what was received stays beside the blobs for the next call. Throws the errors of `get` and `refusal`,
 * {@link HubInterruptedError}, {@link SizeMismatchError}, {@link HashMismatchError}, `DiskFullError` and `CacheNotWritableError`.
 */
export async function downloadBlob(
  connection: Connection,
  wanted: Wanted,
  file: HubFile,
  folder: string,
  onBytes: OnBytes,
): Promise<void> {
  const partial = await PartialBlob.open(folder, file, connection.signal).catch((error: unknown) => {
    throw writeFailure(error, folder);
  });
  try {
    await requireSpace(folder, file.size - partial.bytes);
    const download = new Download(connection, wanted, file, partial, onBytes);
    await download.receive();
    let got = partial.digest();
    if (got !== file.hash) {
      await download.startOver();
      await download.receive();
      got = partial.digest();
    }
    if (got !== file.hash) {
      await partial.discard();
      throw new HashMismatchError(wanted, got, file.hash);
    }
    await partial.commit(join(folder, file.hash));
  } catch (error) {
    await partial.release();
    const gone = (error as NodeJS.ErrnoException).code === "ENOENT";
    const reason = "its file was moved or deleted";
    throw gone ? new HubInterruptedError(wanted, 0, file.size, reason, error) : writeFailure(error, folder);
  }
}

async function requireSpace(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(folder);
  // Some network file systems know no figures and report none.
  if (blocks > 0 && bavail * bsize < bytes) {
    throw cacheDiskFull(folder, `${bavail * bsize} bytes free, ${bytes} needed`);
  }
}

class Download {
  readonly #connection: Connection;
  readonly #wanted: Wanted;
  readonly #file: HubFile;
  readonly #partial: PartialBlob;
  readonly #onBytes: OnBytes;
  readonly #url: string;
  #resumedFrom: number;
  /** The server's own name for the content that the partial holds the beginning of. */
  #etag: string | undefined;

  constructor(connection: Connection, wanted: Wanted, file: HubFile, partial: PartialBlob, onBytes: OnBytes) {
    this.#connection = connection;
    this.#wanted = wanted;
    this.#file = file;
    this.#partial = partial;
    this.#onBytes = onBytes;
    const path = file.path.split("/").map(encodeURIComponent).join("/");
    this.#url = `${connection.endpoint}/${wanted.repo}/resolve/${wanted.revision}/${path}`;
    this.#resumedFrom = partial.bytes;
  }

  async startOver(): Promise<void> {
    await this.#partial.restart();
    this.#resumedFrom = 0;
    this.#etag = undefined;
  }

  /** Returns when the partial has the file's full size. */
  async receive(): Promise<void> {
    const retries = new Retries(this.#connection);
    let atLastFailure = this.#partial.bytes;
    this.#onBytes(this.#partial.bytes, this.#resumedFrom);
    while (this.#partial.bytes < this.#file.size) {
      try {
        await this.#receiveOnce();
      } catch (error) {
        if (this.#partial.bytes - atLastFailure >= HEALTHY_BYTES) retries.reset();
        atLastFailure = this.#partial.bytes;
        await retries.pause(this.#interrupted(error));
      }
    }
  }

  async #receiveOnce(): Promise<void> {
    const from = this.#partial.bytes;
    const range = { range: `bytes=${from}-`, ...(this.#etag !== undefined && { "if-range": this.#etag }) };
    const exchange = await get(this.#connection, this.#wanted, this.#url, from > 0 ? range : {});
    try {
      await this.#acceptHead(exchange, from);
      await this.#acceptBody(exchange);
    } finally {
      exchange.close();
    }
  }

  /** Sees to it that the body to come continues the partial. */
  async #acceptHead(exchange: Exchange, from: number): Promise<void> {
    const { status, headers } = exchange.response;
    const etag = headers.get("etag") ?? undefined;
    const partly = status === 206 || status === 416;
    if (partly && !(status === 206 && from > 0 && this.#continues(headers, from, etag))) {
      await this.startOver();
      throw this.#broken(`bytes ${headers.get("content-range") ?? "of no stated range"} where ${from} were asked for`);
    }
    if (!partly && status !== 200) throw refusal(exchange, this.#wanted, this.#connection.token !== undefined);
    if (status === 200 && from > 0) await this.startOver();
    const announced = headers.get("content-length");
    // The length of a compressed body says nothing about ours.
    if (status === 200 && announced !== null && !headers.has("content-encoding") && +announced !== this.#file.size) {
      throw new SizeMismatchError(this.#wanted, `${announced} bytes from ${exchange.server}`, this.#file.size);
    }
    this.#etag = etag?.startsWith('"') === true ? etag : undefined;
  }

  #continues(headers: Headers, from: number, etag: string | undefined): boolean {
    const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers.get("content-range") ?? "") ?? [];
    const fits = Number(first) === from && (total === "*" || Number(total) === this.#file.size);
    const same = this.#etag === undefined || etag === undefined || etag === this.#etag;
    return fits && same && !headers.has("content-encoding");
  }

  async #acceptBody(exchange: Exchange): Promise<void> {
    const { size } = this.#file;
    for await (const chunk of exchange.chunks()) {
      if (this.#partial.bytes + chunk.length > size) {
        await this.startOver();
        throw new SizeMismatchError(this.#wanted, `more bytes from ${exchange.server}`, size);
      }
      await this.#partial.append(chunk);
      this.#onBytes(this.#partial.bytes, this.#resumedFrom);
    }
    if (this.#partial.bytes < size) {
      throw new SizeMismatchError(this.#wanted, `${this.#partial.bytes} bytes from ${exchange.server}`, size);
    }
  }

  /** A lost connection is another matter in the middle of a file than before it. */
  #interrupted(error: unknown): unknown {
    const within = error instanceof HubUnreachableError && this.#partial.bytes > this.#resumedFrom;
    return within ? this.#broken(error.facts.got ?? "", error.cause) : error;
  }

  #broken(reason: string, cause?: unknown): HubInterruptedError {
    return new HubInterruptedError(this.#wanted, this.#partial.bytes, this.#file.size, reason, cause);
  }
}
