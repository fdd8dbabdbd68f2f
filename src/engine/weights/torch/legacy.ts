/**
 * @file What torch.save wrote before version 1.6 (and still does on request): five pickles in a row (magic number, protocol,
 * system facts, the object, the storage keys), then each storage as an element count of eight bytes and its bytes.
 * Source: `_legacy_save` in torch/serialization.py.
 */
import type { FileSpan } from "../../tensor/stored.js";
import { quote } from "../errors.js";
import type { SourceFile } from "../source-file.js";
import { PickleTruncatedError, TorchArchiveError, TorchByteOrderError, TorchStorageError } from "./errors.js";
import { unpickle } from "./pickle.js";
import type { LocateStorage } from "./tensors.js";
import { PyDict, PyList, type PyStorage, type PyValue } from "./values.js";

/** LONG1 of ten bytes: 0x1950a86a20f9469cfc6c, after the protocol's two bytes. */
const MAGIC = Uint8Array.of(0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e);
const PROTOCOL_VERSION = 1001;
const COUNT_BYTES = 8;
/** The pickles' length is not recorded, so more and more of the file is read until they end. */
const WINDOWS = [1 << 20, 16 << 20, 64 << 20];

export function isLegacyTorch(start: Uint8Array): boolean {
  return start[0] === 0x80 && MAGIC.every((byte, i) => start[i + 2] === byte);
}

export interface LegacyFile {
  readonly root: PyValue;
  readonly locate: LocateStorage;
}

/** Throws the errors of `unpickle`, {@link TorchArchiveError}, {@link TorchByteOrderError}, {@link TorchStorageError}. */
export async function readLegacy(file: SourceFile): Promise<LegacyFile> {
  const { root, storages, keys, end } = await readPickles(file);
  const spans = await locateAll(file, storages, keys, end);
  const locate: LocateStorage = ({ key }) => {
    const span = spans.get(key);
    if (span === undefined) throw missing(file, key);
    return Promise.resolve(span);
  };
  return { root, locate };
}

interface Pickles {
  readonly root: PyValue;
  readonly storages: ReadonlyMap<string, PyStorage>;
  readonly keys: readonly PyValue[];
  readonly end: number;
}

async function readPickles(file: SourceFile): Promise<Pickles> {
  for (const window of WINDOWS) {
    const bytes = await file.read(0, Math.min(window, file.size));
    try {
      return parsePickles(bytes, file);
    } catch (error) {
      const more = window < file.size && window !== WINDOWS.at(-1);
      if (!(error instanceof PickleTruncatedError) || !more) throw error;
    }
  }
  throw new Error("internal: the last window neither parsed nor threw");
}

function parsePickles(bytes: Uint8Array, file: SourceFile): Pickles {
  const magic = unpickle(bytes);
  const version = unpickle(bytes, magic.end);
  const system = unpickle(bytes, version.end);
  if (version.value !== PROTOCOL_VERSION || !(system.value instanceof PyDict)) {
    throw bad(file, "an unknown version");
  }
  if (system.value.entries.get("little_endian") !== true) {
    throw new TorchByteOrderError({
      what: "big-endian torch file",
      where: file.path,
      fix: "save it on another machine",
    });
  }
  const object = unpickle(bytes, system.end);
  const keys = unpickle(bytes, object.end);
  if (!(keys.value instanceof PyList)) throw bad(file, "no list of storages");
  return { root: object.value, storages: object.storages, keys: keys.value.items, end: keys.end };
}

async function locateAll(
  file: SourceFile,
  storages: ReadonlyMap<string, PyStorage>,
  keys: readonly PyValue[],
  end: number,
): Promise<ReadonlyMap<string, FileSpan>> {
  const spans = new Map<string, FileSpan>();
  let position = end;
  for (const key of keys) {
    const storage = typeof key === "string" ? storages.get(key) : undefined;
    if (storage === undefined || spans.has(storage.key))
      throw bad(file, "a list of storages that does not fit the pickle");
    if (position + COUNT_BYTES > file.size) throw missing(file, storage.key);
    const prefix = await file.read(position, COUNT_BYTES);
    const count = Number(new DataView(prefix.buffer).getBigInt64(0, true));
    const length = storage.count * storage.dtype.bytes;
    position += COUNT_BYTES;
    if (count !== storage.count || position + length > file.size) throw missing(file, storage.key);
    spans.set(storage.key, file.span(position, length));
    position += length;
  }
  return spans;
}

function missing(file: SourceFile, key: string): Error {
  return new TorchStorageError({
    what: "storage missing or cut short",
    where: `${file.path}: storage ${quote(key)}`,
    fix: "download the file again",
  });
}

function bad(file: SourceFile, got: string): Error {
  return new TorchArchiveError({ what: "not a checkpoint of torch.save", where: file.path, got });
}
