export interface ZipRecord {
  readonly name: string;
  readonly data: Uint8Array;
  /** What the directory says, where it is to lie. */
  readonly size?: number;
  readonly compressedSize?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly headerOffset?: number;
  /** Puts sizes and offset into a zip64 field. */
  readonly wide?: boolean;
}

/** A zip archive of `records`, which may lie. Checksums are left zero: nothing here looks at them. */
export function zipBytes(records: readonly ZipRecord[], wideEnd = false): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const record of records) {
    const name = Buffer.from(record.name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    parts.push(local, name, Buffer.from(record.data));
    directory.push(directoryEntry(record, name, offset));
    offset += 30 + name.length + record.data.length;
  }
  const entries = Buffer.concat(directory);
  return Buffer.concat([...parts, entries, ...endRecords(records.length, entries.length, offset, wideEnd)]);
}

function directoryEntry(record: ZipRecord, name: Buffer, offset: number): Buffer {
  const { data, method = 0, flags = 0, wide = false } = record;
  const values = [
    record.size ?? data.length,
    record.compressedSize ?? data.length,
    record.headerOffset ?? offset,
  ] as const;
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50);
  header.writeUInt16LE(flags, 8);
  header.writeUInt16LE(method, 10);
  const narrow = wide ? ([0xffffffff, 0xffffffff, 0xffffffff] as const) : values;
  header.writeUInt32LE(narrow[0], 24);
  header.writeUInt32LE(narrow[1], 20);
  header.writeUInt32LE(narrow[2], 42);
  header.writeUInt16LE(name.length, 28);
  const extra = wide ? Buffer.alloc(4 + 24) : Buffer.alloc(0);
  if (wide) {
    extra.writeUInt16LE(1);
    extra.writeUInt16LE(24, 2);
    values.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i));
  }
  header.writeUInt16LE(extra.length, 30);
  return Buffer.concat([header, name, extra]);
}

function endRecords(count: number, size: number, offset: number, wide: boolean): Buffer[] {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(wide ? 0xffff : count, 10);
  end.writeUInt32LE(wide ? 0xffffffff : size, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  if (!wide) return [end];
  const record = Buffer.alloc(56);
  record.writeUInt32LE(0x06064b50);
  [count, size, offset].forEach((value, i) => record.writeBigUInt64LE(BigInt(value), 32 + 8 * i));
  const locator = Buffer.alloc(20);
  locator.writeUInt32LE(0x07064b50);
  locator.writeBigUInt64LE(BigInt(offset + size), 8);
  return [record, locator, end];
}
