import { quote } from "../errors.js";
import type { SourceFile } from "../source-file.js";
import { TorchArchiveError, TorchByteOrderError, TorchStorageError } from "./errors.js";
import { unpickle } from "./pickle.js";
import type { LocateStorage } from "./tensors.js";
import type { PyValue } from "./values.js";
import { STORED, ZipArchive } from "./zip.js";

const PICKLE = "data.pkl";
/** Names, shapes and a few settings: a hundred bytes per tensor. */
const MAX_PICKLE = 64 << 20;
const MAX_BYTE_ORDER = 64;

export interface TorchArchive {
  readonly root: PyValue;
  readonly locate: LocateStorage;
}

/**
 * Reads a zip archive of torch.save or torch.jit.save (the two differ in nothing that matters here: the code of a
 * TorchScript module lies in entries that are not looked at).
 *
 * Throws `TorchZipError`, {@link TorchArchiveError}, {@link TorchByteOrderError}, and the errors of `unpickle`.
 */
export async function readArchive(file: SourceFile): Promise<TorchArchive> {
  const zip = await ZipArchive.open(file);
  const folder = findFolder(zip, file);
  const order = zip.entries.get(`${folder}byteorder`);
  if (order !== undefined) checkByteOrder(await zip.content(order, MAX_BYTE_ORDER), file);
  const pickle = zip.entries.get(folder + PICKLE)!;
  const { value } = unpickle(await zip.content(pickle, MAX_PICKLE));
  const locate: LocateStorage = async ({ key }, budget) => {
    const entry = zip.entries.get(`${folder}data/${key}`);
    if (entry === undefined) {
      const where = `${file.path}: storage ${quote(key)}`;
      throw new TorchStorageError({ what: "storage missing from the archive", where });
    }
    if (entry.method !== STORED) return zip.content(entry, budget);
    return file.span(await zip.dataOffset(entry), entry.size);
  };
  return { root: value, locate };
}

/** The archive's one top folder, with its slash: that of `data.pkl`. */
function findFolder(zip: ZipArchive, file: SourceFile): string {
  const found = [...zip.entries.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  if (found.length === 1) return found[0]!.slice(0, -PICKLE.length);
  throw new TorchArchiveError({
    what: "a zip archive, but not one of torch.save",
    where: file.path,
    got: `${found.length} entries named ${PICKLE} among ${zip.entries.size}`,
    expected: "one",
    fix: "give the checkpoint inside, or another file",
  });
}

function checkByteOrder(content: Uint8Array, file: SourceFile): void {
  const order = Buffer.from(content).toString("latin1").trim();
  if (order === "little") return;
  throw new TorchByteOrderError({
    what: "the tensors' byte order is not little-endian",
    where: file.path,
    got: quote(order),
    expected: '"little"',
    fix: "save the file again on a little-endian machine",
  });
}
