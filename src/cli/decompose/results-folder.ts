/** The folder that results appear in: all of them at once, or none. */
import { randomUUID } from "node:crypto";
import { lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { writeFailure } from "../../engine/weights/atomic-file.js";
import { FileUnwritableError } from "../../engine/weights/errors.js";
import { onEndingSignal } from "../ending-signals.js";
import { OutputExistsError } from "../errors.js";

export const TENSORS = "decomposition.safetensors";
export const REPORT = "report.html";
export const MAPS = "maps";

/** No slug holds two hyphens in a row, so that this is the mark of a heat map's name. */
const MAP_MARK = "--";

/**
 * Collects results in a hidden folder beside their places. {@link publish} moves them there; until then, and after a
 * failure or Ctrl-C, what stood there before still does.
 */
export class ResultsFolder implements Disposable {
  /** Absolute. */
  readonly folder: string;
  readonly #staging: string;
  /** The topmost folder that had to be made. */
  readonly #made: string | undefined;
  readonly #stopListening: () => void;
  #open = true;

  /** Throws {@link OutputExistsError} when there are results already, unless `force` is given; `FileUnwritableError`. */
  constructor(folder: string, force: boolean) {
    this.folder = resolve(folder);
    const earlier = [TENSORS, REPORT, MAPS].filter((name) => kindOf(join(this.folder, name)) !== "absent");
    if (earlier.length > 0 && !force) {
      throw new OutputExistsError({
        what: "the folder holds the results of an earlier run",
        where: folder,
        got: earlier.join(", "),
        fix: "choose another --out, or pass --force to overwrite them",
      });
    }
    const inTheWay = [TENSORS, REPORT].find((name) => kindOf(join(this.folder, name)) === "folder");
    if (inTheWay !== undefined) {
      const where = join(folder, inTheWay);
      const fix = "choose another --out";
      throw new FileUnwritableError({ what: "cannot write file", where, got: "a folder of that name", fix });
    }
    this.#staging = join(this.folder, `.vitrine-${process.pid}-${randomUUID()}`);
    this.#made = orWriteFailure(folder, () => mkdirSync(this.folder, { recursive: true }));
    orWriteFailure(folder, () => mkdirSync(join(this.#staging, MAPS), { recursive: true }));
    this.#stopListening = onEndingSignal(() => {
      this[Symbol.dispose]();
    });
  }

  /** Where to write a result until it is published; `name` is relative to the folder. */
  staged(name: string): string {
    return join(this.#staging, name);
  }

  /** Writes a whole file until it is published. Throws `DiskFullError` or `FileUnwritableError`. */
  async write(name: string, content: Uint8Array | string): Promise<void> {
    await writeFile(this.staged(name), content).catch((cause: unknown) => {
      throw writeFailure(join(this.folder, name), cause);
    });
  }

  /** Puts all results in their places and returns their absolute paths. No signal is heeded in between. */
  publish(): string[] {
    const maps = readdirSync(this.staged(MAPS)).sort();
    return orWriteFailure(this.folder, () => {
      this.#clearMaps();
      if (maps.length > 0) mkdirSync(join(this.folder, MAPS), { recursive: true });
      const rest = readdirSync(this.#staging).filter((name) => name !== MAPS);
      const names = [...maps.map((name) => join(MAPS, name)), ...rest.sort()];
      for (const name of names) renameSync(this.staged(name), join(this.folder, name));
      this.#close();
      return names.map((name) => join(this.folder, name));
    });
  }

  /** Removes what was not published, and the folder if it was made for it. */
  [Symbol.dispose](): void {
    if (!this.#open) return;
    this.#close();
    try {
      for (let made = this.folder; this.#made !== undefined; made = dirname(made)) {
        rmdirSync(made);
        if (made === this.#made) break;
      }
    } catch {
      // Someone else has put something there.
    }
  }

  #close(): void {
    this.#open = false;
    this.#stopListening();
    rmSync(this.#staging, { recursive: true, force: true });
  }

  /** Removes heat maps of an earlier run; other files in their folder stay. */
  #clearMaps(): void {
    const folder = join(this.folder, MAPS);
    const kind = kindOf(folder);
    if (kind === "absent") return;
    // A link could lead out of the folder.
    if (kind === "other") {
      rmSync(folder);
      return;
    }
    const names = readdirSync(folder);
    const old = names.filter((name) => name.includes(MAP_MARK) && name.endsWith(".png"));
    for (const name of old) rmSync(join(folder, name));
    if (old.length === names.length) rmdirSync(folder);
  }
}

/** Names of files made from any text: letters and digits of all alphabets, single hyphens; no two alike. */
export function uniqueSlugs(texts: readonly string[], otherwise: string): string[] {
  const taken = new Set<string>();
  return texts.map((text) => {
    const base = slug(text) || otherwise;
    let name = base;
    // Many file systems take upper and lower case for the same.
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${base}-${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** The name of a picture's heat map for a text, relative to the folder of results. Takes {@link uniqueSlugs}. */
export function mapName(picture: string, text: string): string {
  return join(MAPS, `${picture}${MAP_MARK}${text}.png`);
}

/** A file's name without its folder and its extension. */
export function stemOf(path: string): string {
  return basename(path).replace(/(?<=.)\.[^.]*$/, "");
}

/** File systems commonly allow 255 bytes for a name that is made of two of these. */
const SLUG_BYTES = 100;

function slug(text: string): string {
  const words = text.normalize("NFKC").match(/[\p{L}\p{M}\p{N}_]+/gu) ?? [];
  let name = "";
  for (const c of words.join("-")) if (Buffer.byteLength(name + c) <= SLUG_BYTES) name += c;
  return name.replace(/-$/, "");
}

function kindOf(path: string): "absent" | "folder" | "other" {
  const stats = orWriteFailure(dirname(path), () => lstatSync(path, { throwIfNoEntry: false }));
  if (stats === undefined) return "absent";
  return stats.isDirectory() ? "folder" : "other";
}

function orWriteFailure<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    throw writeFailure(path, cause);
  }
}
