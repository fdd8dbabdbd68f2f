import { readdir } from "node:fs/promises";
import { AmbiguousCheckpointError, NoCheckpointError } from "./checkpoint-errors.js";
import { quote } from "./errors.js";
import { readFailure } from "./source-file.js";

const INDEX = /\.(safetensors|bin)\.index\.json$/;
const SHARD = /-\d{5}-of-\d{5}\.[a-z]+$/;
const LISTED = 20;

/** Whether a file of this name lists the shards of a checkpoint. */
export function isIndexName(name: string): boolean {
  return INDEX.test(name);
}

/**
 * What makes a file the one to open, best first. A named file goes before shards, and shards before any other single
 * file: one shard that was left alone must not pass for the whole.
 */
const PREFERENCES: readonly ((name: string) => boolean)[] = [
  (name) => name === "model.safetensors",
  (name) => name === "open_clip_model.safetensors",
  (name) => name === "diffusion_pytorch_model.safetensors",
  (name) => name.endsWith(".safetensors.index.json"),
  (name) => name.endsWith(".safetensors") && !SHARD.test(name),
  (name) => name === "pytorch_model.bin",
  (name) => name === "open_clip_pytorch_model.bin",
  (name) => name === "diffusion_pytorch_model.bin",
  (name) => name.endsWith(".bin.index.json"),
  (name) => /\.(pt|pth|ckpt)$/.test(name),
];

/** The name of the file to open in `folder`. Throws {@link NoCheckpointError} or {@link AmbiguousCheckpointError}. */
export async function chooseFile(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw readFailure(folder, cause);
  });
  // Hidden files are half-written ones, or another program's.
  const names = entries.filter((entry) => !entry.isDirectory() && !entry.name.startsWith(".")).map(({ name }) => name);
  names.sort();
  for (const fits of PREFERENCES) {
    const found = names.filter(fits);
    if (found.length > 1) {
      throw new AmbiguousCheckpointError({
        what: "several checkpoints in this folder",
        where: folder,
        got: list(found),
        fix: "give the path of the file you mean",
      });
    }
    if (found.length === 1) return found[0]!;
  }
  throw new NoCheckpointError({
    what: "no checkpoint in this folder",
    where: folder,
    got: names.length === 0 ? "no files" : list(names),
    expected: "*.safetensors, pytorch_model.bin, *.pt or an index of shards",
  });
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map(quote).join(", ");
  return names.length > LISTED ? `${shown} and ${names.length - LISTED} more` : shown;
}
