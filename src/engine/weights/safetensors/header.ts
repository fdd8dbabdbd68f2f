/** @file The header of a safetensors file: every promise of the format is checked before a tensor is handed out. */
import { DTYPES, type StoredDType } from "../../tensor/dtype.js";
import type { Shape } from "../../tensor/shape.js";
import { quote } from "../errors.js";
import { isJsonObject, type Json, parseStrictJson, StrictJsonProblem } from "../strict-json.js";
import { plainRecord } from "../tensor-file.js";
import * as errors from "./errors.js";
import { checkCoverage } from "./coverage.js";

/** The format's own limit. */
export const MAX_HEADER_BYTES = 100_000_000;
/** Bytes of the little-endian header length at the start of a file. */
export const LENGTH_BYTES = 8;
/** The key that holds notes instead of a tensor. */
export const METADATA_KEY = "__metadata__";
/** A sound header has three levels; unknown fields of later versions may add a few. */
const MAX_DEPTH = 16;

/** Bits per element of types that the format knows and Vitrine does not compute with. */
const UNSUPPORTED_BITS: ReadonlyMap<string, number> = new Map([
  ["F4", 4],
  ["F6_E2M3", 6],
  ["F6_E3M2", 6],
  ["F8_E4M3", 8],
  ["F8_E4M3FNUZ", 8],
  ["F8_E5M2", 8],
  ["F8_E5M2FNUZ", 8],
  ["F8_E8M0", 8],
  ["C64", 64],
]);

export interface HeaderEntry {
  readonly name: string;
  /** The type's name as the file gives it; known to the format. */
  readonly dtype: string;
  readonly shape: Shape;
  /** Half-open byte range, relative to the start of the data. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their bytes. */
  readonly entries: readonly HeaderEntry[];
}

/** Length of the JSON header in bytes, checked against the format's limit and the file. `prefix`: the first 8 bytes. */
export function headerLength(prefix: Uint8Array, fileSize: number, file: string): number {
  if (prefix.length < LENGTH_BYTES) {
    throw new errors.SafetensorsTooShortError({
      what: "not a safetensors file",
      where: file,
      got: `${fileSize} bytes`,
      expected: `at least ${LENGTH_BYTES}`,
      fix: "download it again",
    });
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES)) {
    throw new errors.SafetensorsHeaderTooLargeError({
      what: "safetensors header too large",
      where: file,
      got: `${length.toString()} bytes`,
      expected: `at most ${MAX_HEADER_BYTES}`,
      fix: "check that this is a safetensors file",
    });
  }
  if (length > BigInt(fileSize - LENGTH_BYTES)) {
    throw new errors.SafetensorsHeaderPastEndError({
      what: "safetensors header runs past the end of the file",
      where: file,
      got: `a header of ${length.toString()} bytes`,
      expected: `at most ${fileSize - LENGTH_BYTES}`,
      fix: "download it again, it may be cut short",
    });
  }
  return Number(length);
}

/** Parses and checks the JSON `header` of a file whose data part has `dataLength` bytes. */
export function parseHeader(header: Uint8Array, dataLength: number, file: string): Header {
  const root = parseRoot(header, file);
  const entries: HeaderEntry[] = [];
  for (const [name, value] of Object.entries(root)) {
    if (name !== METADATA_KEY) entries.push(parseEntry(name, value, file));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, dataLength, file);
  return { metadata: parseMetadata(root[METADATA_KEY], file), entries };
}

/** Whether Vitrine computes with this element type. */
export function isStoredDType(dtype: string): dtype is StoredDType {
  return Object.hasOwn(DTYPES, dtype);
}

function parseRoot(header: Uint8Array, file: string): Readonly<Record<string, Json>> {
  if (header[0] !== 0x7b) {
    const got = header.length === 0 ? "an empty header" : `byte 0x${header[0]!.toString(16).padStart(2, "0")}`;
    throw new errors.SafetensorsHeaderStartError({ what: "bad safetensors header", where: file, got, expected: '"{"' });
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch (cause) {
    throw new errors.SafetensorsHeaderUtf8Error({ what: "safetensors header is not UTF-8", where: file, cause });
  }
  try {
    // Text that begins with "{" and is JSON is an object.
    return parseStrictJson(text, MAX_DEPTH) as Readonly<Record<string, Json>>;
  } catch (cause) {
    throw cause instanceof StrictJsonProblem ? jsonError(cause, file) : cause;
  }
}

function jsonError(problem: StrictJsonProblem, file: string): Error {
  switch (problem.kind) {
    case "syntax":
      return new errors.SafetensorsHeaderJsonError({
        what: "safetensors header is not JSON",
        where: file,
        got: quote(problem.message),
        cause: problem,
      });
    case "depth":
      return new errors.SafetensorsHeaderDepthError({
        what: "safetensors header nests too deep",
        where: file,
        got: problem.message,
      });
    case "duplicate":
      return new errors.SafetensorsDuplicateKeyError({
        what: "safetensors header repeats a key",
        where: file,
        got: `${quote(problem.message)} twice`,
      });
  }
}

function parseMetadata(value: Json | undefined, file: string): Record<string, string> {
  if (value === undefined) return plainRecord([]);
  if (!isJsonObject(value)) throw badMetadata(file, describe(value));
  return plainRecord(
    Object.entries(value).map(([key, text]) => {
      if (typeof text !== "string") throw badMetadata(file, `${describe(text)} at ${quote(key)}`);
      return [key, text];
    }),
  );
}

function badMetadata(file: string, got: string): Error {
  const expected = "an object of strings";
  return new errors.SafetensorsMetadataError({ what: `bad ${METADATA_KEY}`, where: file, got, expected });
}

function parseEntry(name: string, value: Json, file: string): HeaderEntry {
  const where = `${file}: tensor ${quote(name)}`;
  if (!isJsonObject(value)) throw badEntry(where, describe(value), "an object");
  // Own properties only, so that a missing field is never found on a prototype.
  const field = (key: string): Json | undefined => (Object.hasOwn(value, key) ? value[key] : undefined);
  const dtype = field("dtype");
  if (typeof dtype !== "string") throw badEntry(where, `dtype ${describe(dtype)}`, "a string");
  const bits = bitsOf(dtype);
  if (bits === undefined) {
    throw new errors.SafetensorsDTypeError({ what: "unknown element type", where, got: quote(dtype) });
  }
  const { shape, count } = parseShape(field("shape"), where);
  const [begin, end] = parseOffsets(field("data_offsets"), where);
  const length = byteLength(count, bits, shape, where);
  if (length !== end - begin) {
    throw new errors.SafetensorsSizeError({
      what: "shape and data disagree",
      where,
      got: `${end - begin} bytes`,
      expected: `${length} for ${dtype} of shape [${shape.join(",")}]`,
    });
  }
  return { name, dtype, shape, begin, end };
}

function bitsOf(dtype: string): number | undefined {
  return isStoredDType(dtype) ? DTYPES[dtype].bytes * 8 : UNSUPPORTED_BITS.get(dtype);
}

function parseShape(value: Json | undefined, where: string): { shape: Shape; count: number } {
  if (!Array.isArray(value)) throw badEntry(where, `shape ${describe(value)}`, "an array");
  const shape = value.map((size: Json) => {
    if (!isCount(size)) throw badShape(where, `size ${describe(size)}`);
    return size;
  });
  // Zero absorbs whatever stands beside it, but only if no partial product overflows: as the reference has it.
  const count = shape.reduce((product, size) => {
    if (product * size > Number.MAX_SAFE_INTEGER) throw badShape(where, `a product over ${Number.MAX_SAFE_INTEGER}`);
    return product * size;
  }, 1);
  return { shape, count };
}

function byteLength(count: number, bits: number, shape: Shape, where: string): number {
  const total = count * bits;
  if (total > Number.MAX_SAFE_INTEGER) throw badShape(where, `[${shape.join(",")}] of ${bits} bits each`);
  if (total % 8 !== 0) throw badShape(where, `${total} bits, which is no whole number of bytes`);
  return total / 8;
}

function parseOffsets(value: Json | undefined, where: string): readonly [number, number] {
  if (!Array.isArray(value) || value.length !== 2) {
    throw badEntry(where, `data_offsets ${describe(value)}`, "two numbers");
  }
  const [begin, end] = value as readonly Json[];
  if (!isCount(begin) || !isCount(end)) {
    throw badEntry(where, `data_offsets [${describe(begin)},${describe(end)}]`, "two non-negative integers");
  }
  if (end < begin) {
    throw new errors.SafetensorsOffsetsReversedError({
      what: "tensor ends before it begins",
      where,
      got: `[${begin},${end}]`,
    });
  }
  return [begin, end];
}

function isCount(value: Json | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function badEntry(where: string, got: string, expected: string): Error {
  return new errors.SafetensorsEntryError({ what: "bad tensor description", where, got, expected });
}

function badShape(where: string, got: string): Error {
  const expected = `non-negative integers with a product up to ${Number.MAX_SAFE_INTEGER}`;
  return new errors.SafetensorsShapeError({ what: "bad shape", where, got, expected });
}

function describe(value: Json | undefined): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return quote(value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
