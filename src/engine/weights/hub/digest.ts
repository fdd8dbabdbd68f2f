import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** A file of a repository at one commit. */
export interface HubFile {
  /** Relative to the repository's root, with forward slashes. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /**
   * Lower-case hex: the SHA-256 of a large (LFS) file, the git blob SHA-1 of a small one. Also the name of the blob in the cache.
   * Empty for a file that only a cache without links knows of.
   */
  readonly hash: string;
}

const SHA256 = /^[0-9a-f]{64}$/;
const GIT_SHA1 = /^[0-9a-f]{40}$/;

export function isContentHash(name: string): boolean {
  return SHA256.test(name) || GIT_SHA1.test(name);
}

/** A running hash of the kind that `hash` is, for a content of `size` bytes. Git hashes a header with the size first. */
export function startDigest(hash: string, size: number): Hash {
  return SHA256.test(hash) ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
}

/** Feeds a file's bytes from its start to `digest`; returns how many there were. */
export async function feedFile(digest: Hash, path: string, signal?: AbortSignal): Promise<number> {
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    digest.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return bytes;
}

/** The hash of a file's content, of the kind that `hash` is. */
export async function hashFile(path: string, hash: string, signal?: AbortSignal): Promise<string> {
  const digest = startDigest(hash, (await stat(path)).size);
  await feedFile(digest, path, signal);
  return digest.digest("hex");
}
