/** The texts that heads are described with. */
import { readFileSync } from "node:fs";
import { UsageError } from "../../engine/errors.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { allDescriptions } from "../../worlds/scenes/index.js";

export interface TextPool {
  /** For people. */
  readonly name: string;
  readonly texts: readonly string[];
  /** Unit rows [M,D]. */
  readonly directions: FloatTensor;
}

/** A file's lines, each once; without a file, all descriptions of scenes. Throws `UsageError` for fewer than two. */
export async function textPool(clip: Clip, path: string | undefined): Promise<TextPool> {
  const texts = path === undefined ? allDescriptions() : linesOf(path);
  return {
    name: path ?? "descriptions of scenes",
    texts,
    directions: normaliseRows(await clip.encodeText(texts)),
  };
}

function linesOf(path: string): string[] {
  const lines = [
    ...new Set(
      read(path)
        .split("\n")
        .map((line) => line.trim()),
    ),
  ].filter((line) => line !== "");
  if (lines.length >= 2) return lines;
  throw new UsageError({
    what: "a pool needs texts to choose from",
    where: path,
    got: lines.length === 0 ? "no text" : "one text",
    expected: "two or more, one per line",
    fix: "add some, or leave out --pool for descriptions of scenes",
  });
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const got = (cause as NodeJS.ErrnoException).code ?? "an error";
    throw new UsageError({ what: "cannot read the pool of texts", where: path, got, fix: "check the path", cause });
  }
}
