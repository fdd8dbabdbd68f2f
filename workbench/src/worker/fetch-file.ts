import { sha256 as digestOf, VitrineError } from "vitrine/browser";
import { readStored, storedFile, storeFile } from "./stored-files";

export interface SiteFile {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** In hex. */
  readonly sha256: string;
}

/** A file of the site could not be had, or is not what the site's list says. */
export class SiteFileError extends VitrineError {
  readonly code = "site-file";
}

/** A file on its way. */
export interface ComingFile {
  readonly bytes: Promise<Uint8Array<ArrayBuffer>>;
}

/** Asks for a file, kept from an earlier visit or fetched, checked either way, and does not wait for it. `onBytes` hears of each piece. */
export async function askForFile(
  address: URL,
  file: SiteFile,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<ComingFile> {
  const kept = await storedFile(file.sha256);
  const coming = bytesOf(address, file, signal, onBytes, kept);
  // It may fail before anybody waits for it.
  coming.catch(() => undefined);
  return { bytes: coming };
}

async function bytesOf(
  address: URL,
  { size, sha256 }: SiteFile,
  signal: AbortSignal,
  onBytes: (count: number) => void,
  kept: File | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const stored = kept && (await readStored(kept, sha256));
  if (stored !== undefined) {
    onBytes(stored.length);
    return stored;
  }
  const bytes = await download(address, size, signal, onBytes);
  const got = await digestOf(bytes);
  if (got !== sha256) throw damaged(address, `SHA-256 ${got}`, `SHA-256 ${sha256}`);
  await storeFile(sha256, bytes);
  return bytes;
}

async function download(
  address: URL,
  size: number,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await request(address, signal);
  const bytes = new Uint8Array(size);
  let done = 0;
  const reader = response.body!.getReader();
  for (;;) {
    const { done: ended, value } = await reader.read();
    if (ended) break;
    if (done + value.length > size) throw damaged(address, "more bytes", `${size} bytes`);
    bytes.set(value, done);
    done += value.length;
    onBytes(value.length);
  }
  if (done < size) throw damaged(address, `${done} bytes`, `${size} bytes`);
  return bytes;
}

/** Throws {@link SiteFileError} unless the answer is good. */
export async function request(address: URL, signal: AbortSignal): Promise<Response> {
  const response = await fetch(address, { signal }).catch((cause: unknown) => {
    if (signal.aborted) throw cause;
    throw new SiteFileError({
      what: "cannot fetch a file of this site",
      where: address.pathname,
      got: "no answer",
      fix: "check the connection and try again",
      cause,
    });
  });
  if (response.ok) return response;
  throw new SiteFileError({
    what: "cannot fetch a file of this site",
    where: address.pathname,
    got: `status ${response.status}`,
    fix: "load the page again; if that does not help, the site was not copied whole",
  });
}

function damaged(address: URL, got: string, expected: string): SiteFileError {
  return new SiteFileError({
    what: "a file of this site is not what its list says",
    where: address.pathname,
    got,
    expected,
    fix: "load the page again; if that does not help, build the site again",
  });
}
