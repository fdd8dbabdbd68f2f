/** From the bytes of a checkpoint's files to a {@link Clip}: for browsers, which have no file system. */
import { checkpointOf } from "../../engine/weights/checkpoint.js";
import { readHeaderOf } from "../../engine/weights/safetensors/locate.js";
import { memoryFile } from "../../engine/weights/tensor-file.js";
import { UsageError } from "../../engine/errors.js";
import { assembleClip, type AssembleOptions, type ClipFiles } from "./assemble.js";
import type { Clip } from "./clip.js";

/** By name: one `*.safetensors`, and as far as there are such, configuration and tokenizer. */
export type ModelFiles = Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

/** As `loadClip`, of files in memory, which must stay as they are. `ref` names the model in messages. */
export async function loadClipFromBytes(ref: string, files: ModelFiles, options: AssembleOptions = {}): Promise<Clip> {
  return assembleClip(await filesInMemory(ref, files), options);
}

/** What a model is assembled from. Throws `UsageError` unless there is one file of weights, and what reading its header throws. */
export async function filesInMemory(ref: string, files: ModelFiles): Promise<ClipFiles> {
  const names = Object.keys(files).filter((name) => name.endsWith(".safetensors"));
  if (names.length !== 1) {
    throw new UsageError({
      what: "a model in memory is made from one file of weights",
      where: ref,
      got: names.length === 0 ? "none" : names.join(", "),
      expected: "one safetensors file",
    });
  }
  const path = `${ref}/${names[0]!}`;
  const file = await readHeaderOf(memoryFile(path, files[names[0]!]!));
  const checkpoint = checkpointOf({ ...file, files: [{ path, size: file.size }] });
  const read = (name: string): Promise<string | undefined> => {
    const bytes = files[name];
    return Promise.resolve(bytes && new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  };
  const readBytes = (name: string): Promise<Uint8Array | undefined> => Promise.resolve(files[name]);
  return { ref, path: ref, origin: "zoo", checkpoint, folder: ref, read, readBytes };
}
