import type { VitrineError } from "../../errors.js";
import { PassingHubError, type Wanted } from "./answer-errors.js";
import { NotCachedError } from "./cache-errors.js";
import { isCommit } from "./commit.js";
import type { HubFile } from "./digest.js";
import type { Connection } from "./http.js";
import { listCommit, resolveCommit } from "./listing.js";
import type { Records } from "./records.js";
import type { RepoCache } from "./repo-cache.js";

/** Where files come from that the cache lacks: the hub, or nowhere, and then what to say about it. */
export type Source =
  { readonly connection: Connection } | { readonly missing: (files: readonly string[]) => VitrineError };

/** What is known about the wanted commit before anything of it is fetched. */
export interface Catalog {
  readonly commit: string;
  /** Of the whole commit; without the hub and a record of its listing, those that the cache has. */
  readonly files: readonly HubFile[];
  readonly source: Source;
  /** Whether the hub listed these files just now. */
  readonly fresh: boolean;
}

export interface CatalogRequest {
  readonly wanted: Wanted;
  readonly connection: Connection;
  readonly cacheDir: string;
  readonly cache: RepoCache;
  readonly records: Records;
  readonly offline: boolean;
  readonly onNotice: (notice: string) => void;
}

/**
 * Finds the commit that a revision means and the files it has.
 *
 * What needs the network: the commit of a branch or tag, every time; and the files of a commit, unless Vitrine downloaded it
 * before, because a cache that another tool filled does not say what it lacks. When the hub does not answer, what the cache
 * knows is taken instead, with a notice. Offline only the cache is asked, or `NotCachedError` thrown.
 */
export async function openCatalog(request: CatalogRequest): Promise<Catalog> {
  const { revision } = request.wanted;
  const known = isCommit(revision) ? revision : await request.cache.readRef(revision);
  if (request.offline) {
    const missing = (files: readonly string[]): NotCachedError => notCached(request, files);
    if (known === undefined) throw missing([`the revision "${revision}"`]);
    return cachedCatalog(request, known, missing);
  }
  try {
    const commit = isCommit(revision) ? revision : await resolveCommit(hub(request, known), request.wanted);
    return await hubCatalog(request, commit);
  } catch (error) {
    if (!(error instanceof PassingHubError) || known === undefined) throw error;
    const catalog = await cachedCatalog(request, known, () => error);
    if (catalog.files.length === 0) throw error;
    request.onNotice(`${error.message}. Going on with commit ${known} from the cache`);
    return catalog;
  }
}

async function hubCatalog(request: CatalogRequest, commit: string): Promise<Catalog> {
  const { cache, connection, records, wanted } = request;
  const source = { connection };
  const recorded = await records.listing(wanted.repo, commit);
  if (recorded !== undefined) return { commit, files: recorded, source, fresh: false };
  const cached = (await cache.entries(commit)).length > 0 ? commit : undefined;
  const files = await listCommit(hub(request, cached), { ...wanted, revision: commit });
  return { commit, files, source, fresh: true };
}

async function cachedCatalog(
  { cache, records, wanted }: CatalogRequest,
  commit: string,
  missing: (files: readonly string[]) => VitrineError,
): Promise<Catalog> {
  const files = (await records.listing(wanted.repo, commit)) ?? (await cache.files(commit));
  return { commit, files, source: { missing }, fresh: false };
}

/** With something to fall back on it is not worth waiting long for a hub that does not answer. */
function hub({ connection }: CatalogRequest, fallback: string | undefined): Connection {
  const { timing } = connection;
  return fallback === undefined
    ? connection
    : { ...connection, timing: { ...timing, tries: Math.min(2, timing.tries) } };
}

function notCached({ wanted, cacheDir }: CatalogRequest, missing: readonly string[]): NotCachedError {
  const more = missing.length > 3 ? ` and ${missing.length - 3} more files` : "";
  return new NotCachedError(wanted, missing.slice(0, 3).join(", ") + more, cacheDir);
}
