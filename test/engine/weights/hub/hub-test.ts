/** What the tests of the hub share: a repository with known contents, a fresh cache, a server that is closed at the end. */

import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { SnapshotOptions } from "../../../../src/engine/weights/hub/snapshot.js";
import type { Timing } from "../../../../src/engine/weights/hub/http.js";
import { HubServer, type ServedFile } from "../../../support/hub-server.js";

export const REPO = "acme/tiny-clip";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
/** Quick to try again, and patient with a busy machine. */
export const QUICK: Timing = { idleMs: 20_000, tries: 4, backoffMs: 4, maxWaitMs: 200 };

const text = (content: string): ServedFile => ({ content: Buffer.from(content), lfs: false });

/** 1.5 MB that no two positions of share, so that a piece in the wrong place changes the hash. */
export const WEIGHTS: ServedFile = { content: patterned(1_500_000), lfs: true };
export const FILES = {
  "config.json": text('{"model_type":"clip"}'),
  "model.safetensors": WEIGHTS,
  "tokenizer.json": text('{"version":"1.0"}'),
  "sub/nested/notes.txt": text("deep"),
  "pytorch_model.bin": { content: Buffer.from("duplicate"), lfs: true },
} satisfies Record<string, ServedFile>;

export const selectAll: SnapshotOptions["select"] = (files) => files.map(({ path }) => path);

export function patterned(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  for (let i = 0; i < bytes; i++) buffer[i] = (i * 31 + (i >> 8) * 17 + (i >> 16)) & 255;
  return buffer;
}

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Runs after the test, latest first. */
export function atEnd(cleanup: () => Promise<unknown>): void {
  cleanups.push(cleanup);
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "vitrine-hub-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A server with {@link FILES} as `REPO`@main, and options that lead to it and to an empty cache. */
export async function startHub(
  prefix = "",
): Promise<{ server: HubServer; options: SnapshotOptions & { cacheDir: string } }> {
  const server = await HubServer.start(prefix);
  atEnd(() => server.close());
  server.addCommit(REPO, COMMIT, FILES);
  const folder = await temporaryFolder();
  const options = {
    select: selectAll,
    endpoint: server.endpoint,
    token: "",
    cacheDir: join(folder, "hub"),
    recordsDir: join(folder, "records"),
    offline: false,
    timing: QUICK,
  };
  return { server, options };
}

/** An address at which nobody listens any more. */
export async function deadAddress(): Promise<string> {
  const server = await HubServer.start();
  const { endpoint } = server;
  await server.close();
  return endpoint;
}

export function repoRoot(cacheDir: string, repo = REPO): string {
  return join(cacheDir, `models--${repo.replace("/", "--")}`);
}

/** Names in blobs/ that are no finished blobs. */
export async function unfinished(cacheDir: string): Promise<string[]> {
  const names = await readdir(join(repoRoot(cacheDir), "blobs")).catch(() => []);
  return names.filter((name) => !/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name));
}

export async function failure(work: Promise<unknown>): Promise<Error & { code?: string }> {
  const settled = await work.then(
    (value: unknown) => new Error(`it succeeded with ${JSON.stringify(value)}`),
    (error: unknown) => error as Error,
  );
  return settled;
}

/** A token that any leak of would show in full. */
export const TOKEN = "hf_thisMustNotLeakAnywhere";
