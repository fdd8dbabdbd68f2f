import { PickleCorruptError, PickleTruncatedError } from "./errors.js";

/** Longest line of a text instruction: module and attribute names, numbers. */
const MAX_LINE = 4096;

/** Reads forward through a pickle's bytes. Every read that leaves them throws {@link PickleTruncatedError}. */
export class Cursor {
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    public position: number,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  uint8(): number {
    return this.view.getUint8(this.advance(1));
  }

  uint16(): number {
    return this.view.getUint16(this.advance(2), true);
  }

  uint32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  int32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** A length of eight bytes. One that no file can have is as good as too long. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.advance(8), true));
  }

  /** Big-endian, unlike everything else in a pickle. */
  float64(): number {
    return this.view.getFloat64(this.advance(8), false);
  }

  take(length: number): Uint8Array {
    const start = this.advance(length);
    return this.bytes.subarray(start, start + length);
  }

  utf8(length: number): string {
    const bytes = this.take(length);
    try {
      return UTF8.decode(bytes);
    } catch (cause) {
      throw new PickleCorruptError({ what: "bad pickle", where: `byte ${this.position}`, got: "invalid UTF-8", cause });
    }
  }

  latin1(length: number): string {
    return Buffer.from(this.take(length)).toString("latin1");
  }

  /** The text up to the next newline, which is skipped. */
  line(): string {
    const limit = Math.min(this.position + MAX_LINE, this.bytes.length);
    const end = this.bytes.subarray(this.position, limit).indexOf(0x0a);
    if (end >= 0) return this.latin1(end + 1).slice(0, -1);
    if (limit === this.bytes.length) throw this.truncated();
    throw new PickleCorruptError({ what: "bad pickle", where: `byte ${this.position}`, got: "an endless line" });
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.bytes.length - start) throw this.truncated();
    this.position += length;
    return start;
  }

  private truncated(): Error {
    return new PickleTruncatedError({
      what: "the pickle ends too early",
      where: `byte ${this.bytes.length}`,
      fix: "download the file again, it may be cut short",
    });
  }
}

// Python writes lone surrogates as three bytes, which no tensor name holds: strict is right.
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
