import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { type Checkpoint, checkpointOf } from "./checkpoint.js";
import { CheckpointFormatError } from "./checkpoint-errors.js";
import { chooseFile, isIndexName } from "./checkpoint-folder.js";
import { kindOfFile, SNIFF_BYTES, type WeightFormat } from "./file-kind.js";
import { readHeaderOf } from "./safetensors/locate.js";
import { openSharded } from "./sharded.js";
import { readFailure, SourceFile } from "./source-file.js";
import type { TensorFile } from "./tensor-file.js";
import { readTorchOf } from "./torch/read.js";

/**
 * Opens a file of weights, the index of a sharded checkpoint, or a folder that holds either; reads no weights.
 *
 * In a folder, safetensors goes before torch files and a whole file before shards. Throws the errors of
 * `checkpoint-errors.ts`, `safetensors/errors.ts`, `torch/errors.ts`, and `FileMissingError`, `FileUnreadableError`.
 */
export async function openCheckpoint(path: string): Promise<Checkpoint> {
  const stats = await stat(path).catch((cause: unknown) => {
    throw readFailure(path, cause);
  });
  const file = stats.isDirectory() ? join(path, await chooseFile(path)) : path;
  if (isIndexName(basename(file))) return openSharded(file, path, openTensorFile);
  const opened = await openTensorFile(file);
  return checkpointOf({ ...opened, path, files: [{ path: opened.path, size: opened.size }] });
}

async function openTensorFile(path: string): Promise<TensorFile> {
  await using file = await SourceFile.open(path);
  const { format, looksLike } = kindOfFile(await file.read(0, Math.min(SNIFF_BYTES, file.size)));
  const reader = format ?? formatByName(path, looksLike);
  if (reader !== undefined) return reader === "safetensors" ? await readHeaderOf(file) : await readTorchOf(file);
  throw new CheckpointFormatError({
    what: "not a file of weights",
    where: path,
    got: looksLike,
    expected: "safetensors, or a checkpoint of torch.save or torch.jit.save",
    fix: looksLike.includes("LFS") ? "run git lfs pull" : "check the path or download the file again",
  });
}

/** A file that looks like nothing else and calls itself safetensors is a damaged one: its reader says what is wrong. */
function formatByName(path: string, looksLike: string): WeightFormat | undefined {
  return path.endsWith(".safetensors") && looksLike.includes("unknown") ? "safetensors" : undefined;
}
