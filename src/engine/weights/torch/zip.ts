/**
 * @file The directory of a zip archive, with the position of each entry's bytes: torch stores tensors uncompressed, so they
 * can be used where they lie. Source: PKWARE's APPNOTE 6.3.9, sections 4.3.7, 4.3.12 to 4.3.16 and 4.5.3 (zip64).
 */
import { promisify } from "node:util";
import { inflateRaw } from "node:zlib";
import { quote } from "../errors.js";
import type { SourceFile } from "../source-file.js";
import { TorchLimitError, TorchZipError } from "./errors.js";
import { findDirectory, type Directory } from "./zip-end.js";

export interface ZipEntry {
  readonly name: string;
  /** Bytes, uncompressed. */
  readonly size: number;
  readonly compressedSize: number;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly headerOffset: number;
}

export const STORED = 0;
const DEFLATED = 8;

const LOCAL_HEADER = 30;
const ENTRY_HEADER = 46;
const LOCAL_SIGNATURE = 0x04034b50;
const ENTRY_SIGNATURE = 0x02014b50;
/** Names longer than this, or more entries, belong to no checkpoint. */
const MAX_DIRECTORY = 256 << 20;

/** An open archive. Entries are looked up by name; names are unique. */
export class ZipArchive {
  private constructor(
    private readonly file: SourceFile,
    private readonly directory: Directory,
    readonly entries: ReadonlyMap<string, ZipEntry>,
  ) {}

  /** Throws {@link TorchZipError}, {@link TorchLimitError}. */
  static async open(file: SourceFile): Promise<ZipArchive> {
    const directory = await findDirectory(file);
    if (directory.size > MAX_DIRECTORY) {
      const got = `${directory.size} bytes`;
      throw new TorchLimitError({ what: "zip directory too large", where: file.path, got });
    }
    const bytes = await file.read(directory.offset, directory.size);
    return new ZipArchive(file, directory, parseEntries(bytes, directory, file.path));
  }

  /** Where the entry's (compressed) bytes begin. They are known to end before the directory. */
  async dataOffset(entry: ZipEntry): Promise<number> {
    const fits = entry.headerOffset + LOCAL_HEADER <= this.directory.offset;
    if (!fits) throw damaged(this.file.path, `entry ${quote(entry.name)} outside the file`);
    const header = view(await this.file.read(entry.headerOffset, LOCAL_HEADER));
    if (header.getUint32(0, true) !== LOCAL_SIGNATURE) {
      throw damaged(this.file.path, `no entry header at byte ${entry.headerOffset} for ${quote(entry.name)}`);
    }
    const start = entry.headerOffset + LOCAL_HEADER + header.getUint16(26, true) + header.getUint16(28, true);
    if (start + entry.compressedSize > this.directory.offset) {
      throw damaged(this.file.path, `entry ${quote(entry.name)} outside the file`);
    }
    return start;
  }

  /** The entry's bytes, inflated where needed; at most `cap` of them. Throws {@link TorchLimitError} past that. */
  async content(entry: ZipEntry, cap: number): Promise<Uint8Array> {
    const where = `${this.file.path}: entry ${quote(entry.name)}`;
    if (entry.size > cap) {
      const expected = `at most ${cap}`;
      throw new TorchLimitError({ what: "zip entry too large", where, got: `${entry.size} bytes`, expected });
    }
    if (entry.method === DEFLATED && entry.compressedSize > cap) {
      throw new TorchLimitError({
        what: "zip entry too large",
        where,
        got: `${entry.compressedSize} bytes compressed`,
      });
    }
    const bytes = await this.file.read(await this.dataOffset(entry), entry.compressedSize);
    if (entry.method === STORED) return bytes;
    // The declared size is the cap, so that a lying bomb stops after as many bytes as it admits to.
    const inflated = await inflate(bytes, { maxOutputLength: Math.max(1, entry.size) }).catch((cause: unknown) => {
      throw new TorchZipError({ what: "cannot decompress", where, got: (cause as Error).message, cause });
    });
    if (inflated.length !== entry.size) {
      throw damaged(this.file.path, `${inflated.length} bytes in entry ${quote(entry.name)} of ${entry.size}`);
    }
    return inflated;
  }
}

const inflate = promisify(inflateRaw);

function parseEntries(bytes: Uint8Array, directory: Directory, file: string): ReadonlyMap<string, ZipEntry> {
  const entries = new Map<string, ZipEntry>();
  const data = view(bytes);
  let at = 0;
  for (let i = 0; i < directory.count; i++) {
    if (at + ENTRY_HEADER > bytes.length || data.getUint32(at, true) !== ENTRY_SIGNATURE) {
      throw damaged(file, `${i} of ${directory.count} directory entries`);
    }
    const nameEnd = at + ENTRY_HEADER + data.getUint16(at + 28, true);
    const extraEnd = nameEnd + data.getUint16(at + 30, true);
    const next = extraEnd + data.getUint16(at + 32, true);
    if (next > bytes.length) throw damaged(file, `${i} of ${directory.count} directory entries`);
    const entry = parseEntry(bytes, at, nameEnd, extraEnd, file);
    if (entries.has(entry.name)) throw damaged(file, `two entries named ${quote(entry.name)}`);
    entries.set(entry.name, entry);
    at = next;
  }
  return entries;
}

function parseEntry(bytes: Uint8Array, at: number, nameEnd: number, extraEnd: number, file: string): ZipEntry {
  const data = view(bytes);
  const name = Buffer.from(bytes.subarray(at + ENTRY_HEADER, nameEnd)).toString("utf8");
  const method = data.getUint16(at + 10, true);
  if ((data.getUint16(at + 8, true) & 1) !== 0) throw damaged(file, `entry ${quote(name)} is encrypted`);
  if (method !== STORED && method !== DEFLATED) throw damaged(file, `compression ${method} in entry ${quote(name)}`);
  const wide = zip64Fields(bytes.subarray(nameEnd, extraEnd));
  const field = (offset: number): number => {
    const value = data.getUint32(at + offset, true);
    if (value !== 0xffffffff) return value;
    const wider = wide.shift();
    if (wider === undefined || !Number.isSafeInteger(wider)) throw damaged(file, `zip64 sizes of entry ${quote(name)}`);
    return wider;
  };
  // The zip64 field lists only the saturated values, in this order.
  const size = field(24);
  const compressedSize = field(20);
  const headerOffset = field(42);
  if (method === STORED && size !== compressedSize) throw damaged(file, `sizes of entry ${quote(name)}`);
  return { name, size, compressedSize, method, headerOffset };
}

/** The 64-bit values of the extra field 1. */
function zip64Fields(extra: Uint8Array): number[] {
  const data = view(extra);
  for (let at = 0; at + 4 <= extra.length;) {
    const length = data.getUint16(at + 2, true);
    const end = Math.min(at + 4 + length, extra.length);
    if (data.getUint16(at, true) === 1) {
      const values: number[] = [];
      for (let i = at + 4; i + 8 <= end; i += 8) values.push(Number(data.getBigUint64(i, true)));
      return values;
    }
    at = end;
  }
  return [];
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function damaged(file: string, got: string): TorchZipError {
  return new TorchZipError({ what: "damaged zip archive", where: file, got, fix: "download it again" });
}
