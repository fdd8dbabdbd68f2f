import type { SourceFile } from "../source-file.js";
import { TorchZipError } from "./errors.js";

/** Where a zip archive's central directory lies. */
export interface Directory {
  readonly offset: number;
  readonly size: number;
  /** Entries. */
  readonly count: number;
}

const END_RECORD = 22;
const LOCATOR = 20;
const END_RECORD_64 = 56;
const MAX_COMMENT = 0xffff;
const END_SIGNATURE = 0x06054b50;
const LOCATOR_SIGNATURE = 0x07064b50;
const END_64_SIGNATURE = 0x06064b50;

/** Finds the directory from the end of the file. Throws {@link TorchZipError}. */
export async function findDirectory(file: SourceFile): Promise<Directory> {
  const tailStart = Math.max(0, file.size - END_RECORD - MAX_COMMENT);
  const tail = view(await file.read(tailStart, file.size - tailStart));
  const end = findEndRecord(tail);
  if (end === undefined) throw bad(file, "no directory at the end", "download it again, it may be cut short");
  const endOffset = tailStart + end;
  const disks = [tail.getUint16(end + 4, true), tail.getUint16(end + 6, true)];
  if (disks.some((disk) => disk !== 0 && disk !== 0xffff)) throw bad(file, "an archive in several parts");
  const narrow = {
    count: tail.getUint16(end + 10, true),
    size: tail.getUint32(end + 12, true),
    offset: tail.getUint32(end + 16, true),
  };
  const saturated = narrow.count === 0xffff || narrow.size === 0xffffffff || narrow.offset === 0xffffffff;
  const directory = saturated ? await readWide(file, endOffset) : narrow;
  if (directory.offset + directory.size > endOffset) throw bad(file, "a directory that leaves the file");
  return directory;
}

/** The record is last but for a comment, whose length it gives: a signature inside a comment does not match. */
function findEndRecord(tail: DataView): number | undefined {
  for (let at = tail.byteLength - END_RECORD; at >= 0; at--) {
    if (tail.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + END_RECORD + tail.getUint16(at + 20, true) === tail.byteLength) return at;
  }
  return undefined;
}

async function readWide(file: SourceFile, endOffset: number): Promise<Directory> {
  if (endOffset < LOCATOR) throw bad(file, "no zip64 locator");
  const locator = view(await file.read(endOffset - LOCATOR, LOCATOR));
  if (locator.getUint32(0, true) !== LOCATOR_SIGNATURE) throw bad(file, "no zip64 locator");
  const offset = Number(locator.getBigUint64(8, true));
  if (offset + END_RECORD_64 > endOffset) throw bad(file, "a zip64 record outside the file");
  const record = view(await file.read(offset, END_RECORD_64));
  if (record.getUint32(0, true) !== END_64_SIGNATURE) throw bad(file, "no zip64 record");
  return {
    count: Number(record.getBigUint64(32, true)),
    size: Number(record.getBigUint64(40, true)),
    offset: Number(record.getBigUint64(48, true)),
  };
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function bad(file: SourceFile, got: string, fix = "download it again"): TorchZipError {
  return new TorchZipError({ what: "damaged zip archive", where: file.path, got, fix });
}
