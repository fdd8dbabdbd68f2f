/**
 * One repository in the cache that is shared with the Python tools:
 * `models--ORG--NAME/{refs/REVISION, blobs/HASH, snapshots/COMMIT/FILE -> ../../blobs/HASH}`.
 *
 * @file See https://huggingface.co/docs/huggingface_hub/guides/manage-cache.
 */

import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import {
  copyFile,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { getRepoFolderName } from "@huggingface/hub";
import { writeFailure } from "./cache-errors.js";
import { type HubFile, isContentHash } from "./digest.js";
import { isCommit } from "./commit.js";

/** What systems answer where a user, or the file system, may not make symbolic links. */
const NO_LINKS = new Set(["EPERM", "EACCES", "ENOSYS", "ENOTSUP", "EOPNOTSUPP", "UNKNOWN"]);

/** A file of a snapshot folder; `real` is where its content is, unless the link leads nowhere. */
export interface SnapshotEntry {
  readonly path: string;
  readonly real: string | undefined;
}

export class RepoCache {
  readonly root: string;
  readonly blobs: string;
  readonly #symlink: typeof symlink;

  /** `makeLink` stands in for `symlink` where a test needs a system without links. */
  constructor(cacheDir: string, repo: string, makeLink: typeof symlink = symlink) {
    this.root = join(cacheDir, getRepoFolderName({ type: "model", name: repo }));
    this.blobs = join(this.root, "blobs");
    this.#symlink = makeLink;
  }

  snapshot(commit: string): string {
    return join(this.root, "snapshots", commit);
  }

  /** The path under which users of a snapshot find a file. */
  pointer(commit: string, path: string): string {
    return join(this.snapshot(commit), path);
  }

  blob(hash: string): string {
    return join(this.blobs, hash);
  }

  /** The commit that a branch or tag stood for when it was last asked about. */
  async readRef(revision: string): Promise<string | undefined> {
    const commit = (await readFile(join(this.root, "refs", revision), "utf8").catch(() => "")).trim();
    return isCommit(commit) ? commit : undefined;
  }

  /** Throws `CacheNotWritableError` or `DiskFullError`, as the other writers here do. */
  async writeRef(revision: string, commit: string): Promise<void> {
    if ((await this.readRef(revision)) === commit) return;
    await this.#place(join(this.root, "refs", revision), (temporary) => writeFile(temporary, commit));
  }

  async prepare(): Promise<void> {
    await mkdir(this.blobs, { recursive: true }).catch((error: unknown) => {
      throw writeFailure(error, this.root);
    });
  }

  /** Shows a blob under a file's name in the snapshot of a commit: as a relative link, or as a copy where links are not permitted. */
  async link(hash: string, commit: string, path: string): Promise<void> {
    const pointer = this.pointer(commit, path);
    const target = relative(dirname(pointer), this.blob(hash));
    if ((await readlink(pointer).catch(() => undefined)) === target) return;
    await this.#place(pointer, async (temporary) => {
      try {
        await this.#symlink(target, temporary);
      } catch (error) {
        if (!NO_LINKS.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
        await copyFile(this.blob(hash), temporary, constants.COPYFILE_FICLONE);
      }
    });
  }

  /** Everything in the snapshot folder of a commit, sorted by path; empty if there is none. */
  async entries(commit: string): Promise<SnapshotEntry[]> {
    const folder = this.snapshot(commit);
    const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
    const entries = found
      .filter((entry) => !entry.isDirectory())
      .map(async (entry) => {
        const path = join(entry.parentPath, entry.name);
        return { path: relative(folder, path).split(sep).join("/"), real: await realpath(path).catch(() => undefined) };
      });
    return (await Promise.all(entries)).sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** The files of a commit as far as the cache has them. The hash of a copied file is not known: it is "". */
  async files(commit: string): Promise<HubFile[]> {
    const present = (await this.entries(commit)).flatMap(({ path, real }) =>
      real === undefined ? [] : [{ path, real }],
    );
    return Promise.all(
      present.map(async ({ path, real }) => ({ path, size: (await stat(real)).size, hash: blobHash(real) })),
    );
  }

  /** Makes a file aside and moves it to its place at once, whatever was there. */
  async #place(path: string, make: (temporary: string) => Promise<unknown>): Promise<void> {
    const temporary = join(this.root, `.${randomBytes(6).toString("hex")}.tmp`);
    try {
      await mkdir(dirname(path), { recursive: true });
      await make(temporary);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw writeFailure(error, this.root);
    }
  }
}

/** The hash that a blob's name promises, or "" for a file that is no blob. */
export function blobHash(real: string): string {
  const name = basename(real);
  return basename(dirname(real)) === "blobs" && isContentHash(name) ? name : "";
}
