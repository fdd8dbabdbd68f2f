import { stat } from "node:fs/promises";
import { NotCachedError } from "./cache-errors.js";
import { hashFile } from "./digest.js";
import { Records } from "./records.js";
import { blobHash, RepoCache } from "./repo-cache.js";
import { isCommit } from "./commit.js";
import { parseRepoId } from "./repo-id.js";
import { hubCacheDir, hubEndpoint, recordsDir } from "./settings.js";

export interface VerifyOptions {
  readonly revision?: string;
  readonly cacheDir?: string;
  readonly recordsDir?: string;
  /** Called before each file is read. */
  readonly onFile?: (file: string) => void;
  readonly signal?: AbortSignal;
}

export interface VerifiedFile {
  readonly path: string;
  /**
   * `ok`: the content has its hash. `corrupt`: it has another; delete `real`. `missing`: a link that leads nowhere.
   * `unknown`: a copy, in a cache without links, for which no hash is known.
   */
  readonly status: "ok" | "corrupt" | "missing" | "unknown";
  /** Where the content lies, links resolved. */
  readonly real?: string;
}

/**
 * Hashes every file of a cached snapshot again, whatever was verified before; touches no network.
 *
 * Throws `NotCachedError` when the cache has no such snapshot, and `HubRepoIdError`.
 */
export async function verifySnapshot(
  repoId: string,
  options: VerifyOptions = {},
): Promise<{ folder: string; commit: string; files: VerifiedFile[] }> {
  const { repo, revision } = parseRepoId(repoId, options.revision);
  const cacheDir = hubCacheDir(options.cacheDir);
  const cache = new RepoCache(cacheDir, repo);
  const records = new Records(recordsDir(options.recordsDir), () => undefined);
  const commit = isCommit(revision) ? revision : await cache.readRef(revision);
  const entries = commit === undefined ? [] : await cache.entries(commit);
  if (commit === undefined || entries.length === 0) {
    throw new NotCachedError({ endpoint: hubEndpoint(), repo, revision }, "this snapshot", cacheDir);
  }
  const listed = new Map((await records.listing(repo, commit))?.map(({ path, hash }) => [path, hash]));
  const files: VerifiedFile[] = [];
  for (const { path, real } of entries) {
    options.signal?.throwIfAborted();
    options.onFile?.(path);
    if (real === undefined) files.push({ path, status: "missing" });
    else files.push({ path, real, status: await recheck(real, listed.get(path) ?? blobHash(real)) });
  }
  return { folder: cache.snapshot(commit), commit, files };

  async function recheck(real: string, hash: string): Promise<VerifiedFile["status"]> {
    if (hash === "" || !(await stat(real)).isFile()) return "unknown";
    const right = (await hashFile(real, hash, options.signal)) === hash;
    if (right) await records.markVerified(real, hash);
    else await records.forgetVerified(real);
    return right ? "ok" : "corrupt";
  }
}
