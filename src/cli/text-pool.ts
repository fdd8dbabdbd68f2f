/** Pools of texts: a file, one a line, or descriptions of scenes. */
import { readFile } from "node:fs/promises";
import { allDescriptions } from "../worlds/scenes/index.js";
import { UsageError } from "../engine/errors.js";
import { FileMissingError, FileUnreadableError } from "../engine/weights/errors.js";

/**
 * The texts of a file without the spaces around them; empty lines are passed over, and a text that stands there again counts once. Throws
 * `FileMissingError`, `FileUnreadableError`, and {@link UsageError} for fewer than two texts.
 */
export async function readTextPool(path: string): Promise<string[]> {
  const content = await readFile(path, "utf8").catch((cause: unknown) => {
    const code = (cause as NodeJS.ErrnoException).code;
    const what = "cannot read the pool of texts";
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new FileMissingError({ what, where: path, got: "no such file", fix: "check the path", cause });
    }
    throw new FileUnreadableError({
      what,
      where: path,
      got: code ?? String(cause),
      fix: "pass a file of texts",
      cause,
    });
  });
  const lines = content.replace(/^\ufeff/, "").split(/\r?\n|\r/);
  const texts = [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ""))];
  if (texts.length < 2) {
    throw new UsageError({
      what: "too few texts in the pool",
      where: path,
      got: texts.length === 0 ? "none" : `only "${texts[0]!}"`,
      expected: "2 or more that differ, one a line",
      fix: "add texts",
    });
  }
  return texts;
}

/** As {@link readTextPool}; `scenes` stands for all descriptions of scenes. */
export async function namedTextPool(name: string): Promise<string[]> {
  return name === "scenes" ? allDescriptions() : readTextPool(name);
}
