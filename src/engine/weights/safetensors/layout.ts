import { DTYPES, type StoredDType } from "../../tensor/dtype.js";
import { type Shape, showShape, sizeOf } from "../../tensor/shape.js";
import { quote, TensorDataError } from "../errors.js";
import { LENGTH_BYTES, MAX_HEADER_BYTES, METADATA_KEY } from "./header.js";

/** A tensor that a file is going to hold. */
export interface TensorDeclaration {
  readonly name: string;
  readonly dtype: StoredDType;
  readonly shape: Shape;
}

/** Where a declared tensor's bytes go. */
export interface Placement extends TensorDeclaration {
  /** From the start of the file. */
  readonly offset: number;
  readonly length: number;
}

export interface Layout {
  /** The header's length, the header, padding up to a multiple of 8 bytes. */
  readonly head: Uint8Array;
  /** In the order of their bytes. */
  readonly placements: readonly Placement[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/** The reference's order: widest first, so that every tensor starts at a multiple of its element size. */
const ORDER: readonly StoredDType[] = [
  ...(["U64", "I64", "F64", "F32", "U32", "I32", "BF16", "F16", "U16", "I16", "I8", "U8", "BOOL"] as const),
];

/** Lays out a safetensors file. Throws {@link TensorDataError} for a bad or repeated name, a bad shape, bad metadata. */
export function layOut(
  declared: readonly TensorDeclaration[],
  metadata: Readonly<Record<string, string>>,
  file: string,
): Layout {
  checkDeclarations(declared, file);
  const sorted = [...declared].sort(
    (a, b) =>
      ORDER.indexOf(a.dtype) - ORDER.indexOf(b.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  let begin = 0;
  const relative = sorted.map((tensor) => {
    const offset = begin;
    begin += sizeOf(tensor.shape) * DTYPES[tensor.dtype].bytes;
    return { ...tensor, offset, length: begin - offset };
  });
  const head = encodeHead(relative, metadata, file);
  const placements = relative.map((tensor) => ({ ...tensor, offset: tensor.offset + head.length }));
  return { head, placements, size: head.length + begin };
}

function checkDeclarations(declared: readonly TensorDeclaration[], file: string): void {
  const seen = new Set<string>();
  let total = 0;
  for (const { name, dtype, shape } of declared) {
    const where = `${file}: tensor ${quote(name)}`;
    if (name === METADATA_KEY || /\p{Surrogate}/u.test(name)) {
      throw new TensorDataError({ what: "the format bars this tensor name", where, fix: "choose another name" });
    }
    if (seen.has(name)) throw new TensorDataError({ what: "two tensors of the same name", where });
    seen.add(name);
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      throw new TensorDataError({ what: "bad shape", where, got: showShape(shape), expected: "non-negative integers" });
    }
    total += sizeOf(shape) * DTYPES[dtype].bytes;
    if (!(total <= Number.MAX_SAFE_INTEGER)) {
      throw new TensorDataError({ what: "tensor too large", where, got: showShape(shape) });
    }
  }
}

function encodeHead(
  tensors: readonly Placement[],
  metadata: Readonly<Record<string, string>>,
  file: string,
): Uint8Array {
  // Text is put together entry by entry: an object would reorder names that look like numbers, and swallow `__proto__`.
  const notes = Object.entries(metadata).map(([key, value]) => `${toJson(key)}:${toJson(value)}`);
  const entries = tensors.map(
    ({ name, dtype, shape, offset, length }) =>
      `${toJson(name)}:{"dtype":"${dtype}","shape":${toJson(shape)},"data_offsets":[${offset},${offset + length}]}`,
  );
  if (notes.length > 0) entries.unshift(`"${METADATA_KEY}":{${notes.join(",")}}`);
  const json = Buffer.from(`{${entries.join(",")}}`);
  const padded = Math.ceil(json.length / 8) * 8;
  if (padded > MAX_HEADER_BYTES) {
    throw new TensorDataError({
      what: "safetensors header would be too large",
      where: file,
      got: `${padded} bytes`,
      expected: `at most ${MAX_HEADER_BYTES}`,
      fix: "shorten the metadata or split the file",
    });
  }
  const head = Buffer.alloc(LENGTH_BYTES + padded, " ");
  head.writeBigUInt64LE(BigInt(padded));
  json.copy(head, LENGTH_BYTES);
  return head;
}

function toJson(value: unknown): string {
  return JSON.stringify(value);
}
