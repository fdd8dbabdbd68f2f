/** From a checkpoint on disk or on the hub to a {@link Clip}, or a relative of it. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readTokenizerBytes, readTokenizerText } from "../../engine/media/load-tokenizer.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { exists, type HubAccess, locateModel } from "../locate.js";
import { assembleClip, type AssembleOptions, type ClipFiles } from "./assemble.js";
import type { Clip } from "./clip.js";
import { readConfigText } from "./read-config.js";

export interface LoadOptions extends HubAccess, AssembleOptions {}

/**
 * Loads a CLIP, a SigLIP, or a vision transformer without texts such as DINO and DINOv2: configuration and places of the
 * weights; nothing is computed and no weight is read yet. `ref` is a file, a folder, a zoo name or a hub id. Throws `VitrineError`s: of the file formats, of the hub, and
 * `WrongFamilyError`, `WeightShapeError`, `WeightValueError`, `UnexpectedTensorError`, `ModelConfigError`,
 * `AmbiguousModelError`, `TokenizerMismatchError`.
 */
export async function loadClip(ref: string, options: LoadOptions = {}): Promise<Clip> {
  return assembleClip(await locateFiles(ref, options), options);
}

/** What a model is assembled from: the header of its weights is read, and no more. Throws the file formats' and the hub's errors. */
export async function locateFiles(ref: string, options: HubAccess): Promise<ClipFiles> {
  const { path, origin, commit } = await locateModel(ref, options);
  const checkpoint = await openCheckpoint(path);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  const read = async (name: string): Promise<string | undefined> => {
    if (!/(^|\/)tokenizer/.test(name)) return readConfigText(folder, name);
    const file = join(folder, name);
    return (await exists(file)) ? readTokenizerText(file) : undefined;
  };
  const readBytes = async (name: string): Promise<Uint8Array | undefined> => {
    const file = join(folder, name);
    return (await exists(file)) ? readTokenizerBytes(file) : undefined;
  };
  return { ref, path, origin, checkpoint, folder, read, readBytes, ...(commit === undefined ? {} : { commit }) };
}
