/** Which models are on this machine: those that come with Vitrine, and those in the hub's cache. */
import { readdir, readFile, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { hubCacheDir } from "../../engine/weights/hub/settings.js";
import { ZOO } from "../../models/locate.js";

export interface ZooModel {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  /** As its configuration has it, such as "idempotent-generator"; "clip" for a CLIP or a relative that is handled alike. */
  readonly kind: string;
}

export interface CachedModel {
  readonly id: string;
  /** The branch or tag that was asked for; absent for a snapshot that none points to. */
  readonly revision?: string;
  readonly commit: string;
  readonly path: string;
  /** What the snapshot holds, which may be a part of the repository. */
  readonly bytes: number;
  /** Whether its configuration is that of a CLIP, or of a relative that is handled alike. */
  readonly clip: boolean;
}

export async function zooModels(): Promise<ZooModel[]> {
  const models = (await foldersIn(ZOO)).map(async (name): Promise<ZooModel> => {
    const path = join(ZOO, name);
    return { name, path, bytes: await bytesIn(path), kind: await kindOf(path) };
  });
  return Promise.all(models);
}

/** A cache that is not there, or cannot be read, holds nothing. */
export async function cachedModels(): Promise<CachedModel[]> {
  const cache = hubCacheDir();
  const repos = (await foldersIn(cache)).filter((name) => name.startsWith("models--"));
  return (await Promise.all(repos.map((name) => snapshotsOf(join(cache, name), idOf(name))))).flat();
}

const idOf = (folder: string): string => folder.slice("models--".length).replaceAll("--", "/");

async function snapshotsOf(root: string, id: string): Promise<CachedModel[]> {
  const refs = await refsIn(join(root, "refs"));
  const commits = await foldersIn(join(root, "snapshots"));
  return Promise.all(
    commits.map(async (commit): Promise<CachedModel> => {
      const path = join(root, "snapshots", commit);
      const revision = refs.get(commit);
      const found = { id, commit, path, bytes: await bytesIn(path), clip: await looksLikeClip(path) };
      return revision === undefined ? found : { ...found, revision };
    }),
  );
}

/** Names of branches and tags by their commits. */
async function refsIn(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const entries = names.map(async (name) => {
    const commit = await readFile(join(folder, name), "utf8").catch(() => "");
    return [commit.trim(), name] as const;
  });
  return new Map(await Promise.all(entries));
}

/** The kind of model that a folder holds; see {@link ZooModel}. */
export async function kindOf(folder: string): Promise<string> {
  if (await looksLikeClip(folder)) return "clip";
  const config = await readFile(join(folder, "config.json"), "utf8").catch(() => "");
  return /"model_type"\s*:\s*"([\w-]+)"/.exec(config)?.[1] ?? "unknown";
}

async function looksLikeClip(folder: string): Promise<boolean> {
  const openClip = await readFile(join(folder, "open_clip_config.json"), "utf8").catch(() => undefined);
  const config = await readFile(join(folder, "config.json"), "utf8").catch(() => "");
  return (
    openClip !== undefined ||
    /"model_type"\s*:\s*"(clip|siglip|vit|dinov2|dinov2_with_registers)"|"architecture"\s*:\s*"vit_/.test(config)
  );
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/** Of all files, links followed, each content counted once. */
async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true }).catch(() => []);
  const real = await Promise.all(entries.map((name) => realpath(join(folder, name)).catch(() => undefined)));
  const sizes = [...new Set(real)].map(async (path) => {
    const stats = path === undefined ? undefined : await stat(path).catch(() => undefined);
    return stats?.isFile() === true ? stats.size : 0;
  });
  return (await Promise.all(sizes)).reduce((a, b) => a + b, 0);
}
