/**
 * One checkpoint of a training run: a safetensors file that proves its own content.
 *
 * @file The metadata hold a SHA-256 over all other metadata, every tensor's name and shape, and every byte of the data. So
 * a file that is cut, or in which a bit has flipped, is noticed whatever it still parses as.
 */
import { createHash, type Hash } from "node:crypto";
import { VitrineError } from "../errors.js";
import type { Shape } from "../tensor/shape.js";
import type { FileSpan, StoredTensor } from "../tensor/stored.js";
import type { FloatTensor } from "../tensor/tensor.js";
import { FileMissingError, FileUnreadableError } from "../weights/errors.js";
import { readHeaderOf } from "../weights/safetensors/locate.js";
import { writeSafetensors } from "../weights/safetensors/write.js";
import { SourceFile } from "../weights/source-file.js";
import { TrainingCheckpointError } from "./errors.js";

const DIGEST = "sha256";
const CHUNK = 4 << 20;

export type Metadata = Readonly<Record<string, string>>;

export interface CheckpointContent {
  readonly metadata: Metadata;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Writes the file whole or not at all. Throws `DiskFullError`, `FileUnwritableError`; an older file stays then. */
export async function writeCheckpointFile(
  path: string,
  tensors: ReadonlyMap<string, FloatTensor>,
  metadata: Metadata,
): Promise<void> {
  // In the order in which the format lays them out.
  const sorted = [...tensors].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const hash = startDigest(
    metadata,
    sorted.map(([name, { shape }]) => ({ name, shape })),
  );
  for (const [, { data }] of sorted) hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const list = sorted.map(([name, { shape, data }]) => ({ name, dtype: "F32" as const, shape, data }));
  await writeSafetensors(path, list, { ...metadata, [DIGEST]: hash.digest("hex") });
}

/**
 * Reads the header and checks every byte against the digest. Throws {@link TrainingCheckpointError} when the file is damaged
 * or no checkpoint, `FileMissingError`, `FileUnreadableError`.
 */
export async function readCheckpointFile(path: string): Promise<CheckpointContent> {
  try {
    return await readChecked(path);
  } catch (cause) {
    if (!(cause instanceof VitrineError) || UNCHANGED.some((kind) => cause instanceof kind)) throw cause;
    throw damaged(path, cause.message, cause);
  }
}

const UNCHANGED = [TrainingCheckpointError, FileMissingError, FileUnreadableError];

async function readChecked(path: string): Promise<CheckpointContent> {
  await using file = await SourceFile.open(path);
  const { metadata, tensors } = await readHeaderOf(file);
  const { [DIGEST]: digest, ...rest } = metadata;
  if (digest === undefined) throw damaged(path, "a file without the digest that every checkpoint has");
  const hash = startDigest(rest, [...tensors.values()]);
  const start = Math.min(...[...tensors.values()].map(({ bytes }) => (bytes as FileSpan).offset));
  for (let offset = start; offset < file.size; offset += CHUNK) {
    hash.update(await file.read(offset, Math.min(CHUNK, file.size - offset)));
  }
  if (hash.digest("hex") !== digest) throw damaged(path, "bytes that do not fit their SHA-256");
  return { metadata: rest, tensors };
}

function startDigest(metadata: Metadata, tensors: readonly { readonly name: string; readonly shape: Shape }[]): Hash {
  const entries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  const description = JSON.stringify([entries, tensors.map(({ name, shape }) => [name, shape])]);
  return createHash("sha256").update(description);
}

function damaged(path: string, got: string, cause?: unknown): TrainingCheckpointError {
  return new TrainingCheckpointError({ what: "a training checkpoint is damaged", where: path, got, cause });
}
