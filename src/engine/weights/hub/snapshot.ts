/** From a repository id to a local folder with the files of one commit. */

import { readFile } from "node:fs/promises";
import { HubFileNotFoundError, HubMetadataTooLargeError, type Wanted } from "./answer-errors.js";
import { NoModelFilesError } from "./cache-errors.js";
import { type Catalog, type CatalogRequest, openCatalog } from "./catalog.js";
import type { HubFile } from "./digest.js";
import { DEFAULT_TIMING, type Timing } from "./http.js";
import { Records } from "./records.js";
import { RepoCache } from "./repo-cache.js";
import { assertSafeName, parseRepoId } from "./repo-id.js";
import { hubCacheDir, hubEndpoint, hubToken, offlineByEnvironment, recordsDir } from "./settings.js";
import { type Progress, SnapshotFiles } from "./snapshot-files.js";

/** Longest configuration, or index of weight files, that is taken. */
const MAX_CONFIG_BYTES = 10 * 2 ** 20;

/**
 * Chooses among the files of a commit. `read` fetches one of them first, as UTF-8 text, for a choice that depends on it.
 */
export type SelectFiles = (
  files: readonly HubFile[],
  read: (path: string) => Promise<string>,
) => readonly string[] | Promise<readonly string[]>;

export interface SnapshotOptions {
  readonly select: SelectFiles;
  /** A branch, tag or commit; `main` unless the id names one. */
  readonly revision?: string;
  /** Default: `HF_ENDPOINT`, or the public hub. It may have a path. */
  readonly endpoint?: string;
  /** Default: `HF_TOKEN` or the token file of the Python tools. Empty: none. */
  readonly token?: string;
  /** Default: the cache of the Python tools. */
  readonly cacheDir?: string;
  /** Where Vitrine remembers what it verified. Default: `VITRINE_CACHE`, or `vitrine` in the user's cache folder. */
  readonly recordsDir?: string;
  /** Never touch the network. Default: `HF_HUB_OFFLINE`. */
  readonly offline?: boolean;
  readonly timing?: Partial<Timing>;
  readonly onProgress?: (progress: Progress) => void;
  /** Told, in one sentence, what the caller should know although nothing failed. */
  readonly onNotice?: (notice: string) => void;
  readonly signal?: AbortSignal;
}

export interface Snapshot {
  /** Absolute path of the folder that holds `files` and perhaps others. */
  readonly folder: string;
  readonly commit: string;
  /** What was selected, relative to the folder. */
  readonly files: readonly string[];
}

/**
 * Brings the selected files of a model repository into the shared cache, each verified by its hash.
 *
 * A download that was broken off or aborted is continued by the next call. Every fault that the network, the hub, the disk or
 * the arguments can have is a `VitrineError` with a code of its own; an abort rejects with the signal's reason.
 */
export async function fetchSnapshot(repoId: string, options: SnapshotOptions): Promise<Snapshot> {
  options.signal?.throwIfAborted();
  const request = await openRequest(repoId, options);
  const catalog = await openCatalog(request);
  const { commit, source } = catalog;
  const wanted = { ...request.wanted, revision: commit };
  const tell = (progress: Progress): void => options.onProgress?.(progress);
  const files = new SnapshotFiles(request.cache, request.records, source, wanted, options.signal, tell);
  const selected = await select(options.select, catalog, files, wanted);
  const absent = "missing" in source ? await files.absent(selected) : [];
  if ("missing" in source && absent.length > 0) throw source.missing(absent);
  for (const file of selected) await files.obtain(file);
  if (catalog.fresh) await request.records.keepListing(wanted.repo, commit, catalog.files);
  if ("connection" in source) await keepRef(request, commit);
  return { folder: request.cache.snapshot(commit), commit, files: selected.map(({ path }) => path) };
}

async function openRequest(repoId: string, options: SnapshotOptions): Promise<CatalogRequest> {
  const { repo, revision } = parseRepoId(repoId, options.revision);
  const endpoint = hubEndpoint(options.endpoint);
  const cacheDir = hubCacheDir(options.cacheDir);
  const onNotice = (notice: string): void => options.onNotice?.(notice);
  return {
    wanted: { endpoint, repo, revision },
    connection: {
      endpoint,
      token: await hubToken(options.token),
      timing: { ...DEFAULT_TIMING, ...options.timing },
      signal: options.signal,
    },
    cacheDir,
    cache: new RepoCache(cacheDir, repo),
    records: new Records(recordsDir(options.recordsDir), onNotice),
    offline: options.offline ?? offlineByEnvironment(),
    onNotice,
  };
}

/** Asks the caller which files it wants. */
async function select(choose: SelectFiles, catalog: Catalog, files: SnapshotFiles, wanted: Wanted): Promise<HubFile[]> {
  const { source } = catalog;
  const byPath = new Map(catalog.files.map((file) => [file.path, file]));
  const find = (path: string): HubFile => {
    const file = byPath.get(path);
    if (file !== undefined) return file;
    assertSafeName(path, wanted);
    throw "missing" in source ? source.missing([path]) : new HubFileNotFoundError({ ...wanted, file: path });
  };
  const read = async (path: string): Promise<string> => {
    const file = find(path);
    if (file.size > MAX_CONFIG_BYTES) throw tooLong(file, wanted);
    return readFile(await files.obtain(file), "utf8");
  };
  try {
    const chosen = [...new Set(await choose(catalog.files, read))].map(find);
    const long = chosen.find(({ path, size }) => /(?:config|index)\.json$/.test(path) && size > MAX_CONFIG_BYTES);
    if (long !== undefined) throw tooLong(long, wanted);
    return chosen;
  } catch (error) {
    // Of a cache without a listing it cannot be known whether the repository lacks something, or only the cache does.
    throw error instanceof NoModelFilesError && "missing" in source ? source.missing([error.missing]) : error;
  }
}

/** The snapshot is good without it: a cache that may only be read must still serve. */
async function keepRef({ cache, wanted, onNotice }: CatalogRequest, commit: string): Promise<void> {
  if (wanted.revision === commit) return;
  try {
    await cache.writeRef(wanted.revision, commit);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    onNotice(`cannot note that "${wanted.revision}" is commit ${commit}: ${reason}`);
  }
}

function tooLong({ path, size }: HubFile, wanted: Wanted): HubMetadataTooLargeError {
  const what = "a configuration file is too long";
  const limit = `at most ${MAX_CONFIG_BYTES}`;
  return new HubMetadataTooLargeError({ ...wanted, file: path }, what, `${size} bytes`, limit);
}
