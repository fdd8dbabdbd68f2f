/** The texts that heads are described with. */
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { allDescriptions } from "../../worlds/scenes/index.js";
import { readTextPool } from "../text-pool.js";

export interface TextPool {
  /** For people. */
  readonly name: string;
  readonly texts: readonly string[];
  /** Unit rows [M,D]. */
  readonly directions: FloatTensor;
}

/** A file's lines, each once; without a file, all descriptions of scenes. Throws what `readTextPool` throws. */
export async function textPool(clip: Clip, path: string | undefined): Promise<TextPool> {
  const texts = path === undefined ? allDescriptions() : await readTextPool(path);
  return {
    name: path ?? "descriptions of scenes",
    texts,
    directions: normaliseRows(await clip.encodeText(texts)),
  };
}
