/** @file Checkpoints in several files, tied together by an index: `{"weight_map": {tensor: file name}}`. */
import { dirname, join } from "node:path";
import type { StoredTensor } from "../tensor/stored.js";
import { type Checkpoint, checkpointOf } from "./checkpoint.js";
import {
  ShardIndexError,
  ShardLimitError,
  ShardMissingError,
  ShardNameError,
  ShardTensorError,
} from "./checkpoint-errors.js";
import { FileMissingError, quote } from "./errors.js";
import { SourceFile } from "./source-file.js";
import { isJsonObject, type Json, parseStrictJson, StrictJsonProblem } from "./strict-json.js";
import { plainRecord, type TensorFile } from "./tensor-file.js";

/** The hub's own limit. */
const MAX_SHARDS = 10_000;
const MAX_INDEX_BYTES = 100_000_000;
/** Notes beside the map may nest a little. */
const MAX_DEPTH = 16;

/**
 * Opens the shards that `index` names, all in its own folder. `path` is what the user gave. Throws
 * {@link ShardIndexError}, {@link ShardLimitError}, {@link ShardNameError}, {@link ShardMissingError},
 * {@link ShardTensorError}, and what `openFile` throws.
 */
export async function openSharded(
  index: string,
  path: string,
  openFile: (path: string) => Promise<TensorFile>,
): Promise<Checkpoint> {
  const weightMap = await readIndex(index);
  const shards = new Map<string, TensorFile>();
  for (const shard of new Set(weightMap.values())) shards.set(shard, await openShard(index, shard, openFile));
  const tensors = new Map<string, StoredTensor>();
  const unsupported = new Map<string, string>();
  for (const [name, shard] of weightMap) {
    const file = shards.get(shard)!;
    const stored = file.tensors.get(name);
    const dtype = file.unsupported.get(name);
    if (stored !== undefined) tensors.set(name, stored);
    else if (dtype !== undefined) unsupported.set(name, dtype);
    else {
      const where = `${index}: tensor ${quote(name)}`;
      throw new ShardTensorError({ what: "a shard lacks a tensor that the index promises", where, got: quote(shard) });
    }
  }
  // Where shards differ in their notes, the first one's count.
  const notes = [...shards.values()].reverse().flatMap(({ metadata }) => Object.entries(metadata));
  const files = [...shards.values()].map(({ path: file, size }) => ({ path: file, size }));
  return checkpointOf({ path, metadata: plainRecord(notes), files, tensors, unsupported });
}

async function openShard(
  index: string,
  shard: string,
  openFile: (path: string) => Promise<TensorFile>,
): Promise<TensorFile> {
  try {
    return await openFile(join(dirname(index), shard));
  } catch (cause) {
    if (!(cause instanceof FileMissingError)) throw cause;
    const fix = "download the missing file";
    throw new ShardMissingError({
      what: "a shard is missing",
      where: index,
      got: `no file ${quote(shard)}`,
      fix,
      cause,
    });
  }
}

async function readIndex(index: string): Promise<ReadonlyMap<string, string>> {
  const root = parse(await readText(index), index);
  const map = isJsonObject(root) && Object.hasOwn(root, "weight_map") ? root["weight_map"] : undefined;
  if (!isJsonObject(map)) throw bad(index, "no weight_map", "an object with one");
  const weightMap = new Map<string, string>();
  for (const [name, shard] of Object.entries(map)) {
    if (typeof shard !== "string") throw bad(index, `no file name for ${quote(name)}`, "a string");
    checkName(shard, index);
    weightMap.set(name, shard);
  }
  const count = new Set(weightMap.values()).size;
  if (count > MAX_SHARDS) {
    throw new ShardLimitError({
      what: "too many shards",
      where: index,
      got: `${count}`,
      expected: `at most ${MAX_SHARDS}`,
    });
  }
  return weightMap;
}

async function readText(index: string): Promise<string> {
  await using file = await SourceFile.open(index);
  if (file.size > MAX_INDEX_BYTES) throw bad(index, `${file.size} bytes`, `at most ${MAX_INDEX_BYTES}`);
  return Buffer.from(await file.read(0, file.size)).toString("utf8");
}

function parse(text: string, index: string): Json {
  try {
    return parseStrictJson(text, MAX_DEPTH);
  } catch (cause) {
    if (!(cause instanceof StrictJsonProblem)) throw cause;
    throw bad(index, cause.kind === "duplicate" ? `${quote(cause.message)} twice` : quote(cause.message), "JSON");
  }
}

/** A plain name cannot leave the folder, on any platform. */
function checkName(shard: string, index: string): void {
  if (shard !== "" && shard !== "." && shard !== ".." && !/[/\\:\0]/.test(shard)) return;
  throw new ShardNameError({
    what: "the index names a file outside its folder",
    where: index,
    got: quote(shard),
    expected: "a plain file name",
    fix: "do not use this checkpoint",
  });
}

function bad(index: string, got: string, expected: string): Error {
  return new ShardIndexError({ what: "bad index of shards", where: index, got, expected });
}
