/**
 * What Vitrine remembers about the shared cache, in a folder of its own: which files had the right content when they were
 * last read, and which files a commit has. All of it can be deleted at any time; it only saves work.
 */

import { createHash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { getRepoFolderName } from "@huggingface/hub";
import { z } from "zod";
import type { HubFile } from "./digest.js";

const verifiedSchema = z.object({ path: z.string(), size: z.number(), mtimeNs: z.string(), hash: z.string() });
const listingSchema = z.array(z.object({ path: z.string(), size: z.number(), hash: z.string() }));

export class Records {
  readonly #folder: string;
  readonly #onNotice: (notice: string) => void;
  #complained = false;

  constructor(folder: string, onNotice: (notice: string) => void) {
    this.#folder = folder;
    this.#onNotice = onNotice;
  }

  /** Whether the file at `path` (links resolved) is unchanged since its content was found to have this hash. */
  async isVerified(path: string, hash: string): Promise<boolean> {
    const known = await this.#read(this.#verifiedName(path), verifiedSchema);
    const now = await verifiedRecord(path, hash);
    return JSON.stringify(known) === JSON.stringify(now);
  }

  async markVerified(path: string, hash: string): Promise<void> {
    await this.#write(this.#verifiedName(path), await verifiedRecord(path, hash));
  }

  async forgetVerified(path: string): Promise<void> {
    await rm(this.#verifiedName(path), { force: true }).catch(() => undefined);
  }

  /** The files of a commit, as the hub once listed them: a commit never changes. */
  async listing(repo: string, commit: string): Promise<HubFile[] | undefined> {
    return this.#read(this.#listingName(repo, commit), listingSchema);
  }

  async keepListing(repo: string, commit: string, files: readonly HubFile[]): Promise<void> {
    await this.#write(this.#listingName(repo, commit), files);
  }

  #verifiedName(path: string): string {
    return join(this.#folder, "verified", `${createHash("sha256").update(path).digest("hex")}.json`);
  }

  #listingName(repo: string, commit: string): string {
    return join(this.#folder, "listings", getRepoFolderName({ type: "model", name: repo }), `${commit}.json`);
  }

  /** A record that is missing or unreadable is one that was never made. */
  async #read<T>(name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    try {
      return schema.parse(JSON.parse(await readFile(name, "utf8")));
    } catch {
      return undefined;
    }
  }

  async #write(name: string, value: unknown): Promise<void> {
    const temporary = `${name}.${randomBytes(6).toString("hex")}`;
    try {
      await mkdir(dirname(name), { recursive: true });
      await writeFile(temporary, JSON.stringify(value));
      await rename(temporary, name);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      if (this.#complained) return;
      this.#complained = true;
      const code = (error as NodeJS.ErrnoException).code ?? "unknown reason";
      this.#onNotice(`cannot write to ${this.#folder} (${code}): model files will be checked again at every start`);
    }
  }
}

async function verifiedRecord(path: string, hash: string): Promise<z.infer<typeof verifiedSchema>> {
  const { size, mtimeNs } = await stat(path, { bigint: true });
  return { path, size: Number(size), mtimeNs: mtimeNs.toString(), hash };
}
