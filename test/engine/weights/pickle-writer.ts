/** @file Pickle instructions by hand, for pickles that no Python would write. */

export type Part = string | number | readonly number[] | Uint8Array;

/** Text is taken as latin1, numbers as bytes. */
export function pickle(...parts: readonly Part[]): Buffer {
  return Buffer.concat(
    parts.map((part) => {
      if (typeof part === "number") return Buffer.from([part]);
      return typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part);
    }),
  );
}

export const PROTO = "\x80\x02";

/** BINUNICODE. */
export function text(value: string): Buffer {
  return Buffer.concat([Buffer.from("X"), uint32(value.length), Buffer.from(value)]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

/** LONG1 of eight bytes. */
export function long(value: bigint): Buffer {
  const bytes = Buffer.alloc(10);
  bytes.writeUInt8(0x8a);
  bytes.writeUInt8(8, 1);
  bytes.writeBigInt64LE(value, 2);
  return bytes;
}

export interface TensorFacts {
  readonly key?: string;
  readonly storage?: string;
  readonly count?: number | bigint;
  readonly offset?: number | bigint;
  readonly shape?: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
}

/** A call of `_rebuild_tensor_v2`; by default of two float32 in storage "0". */
export function tensor(facts: TensorFacts = {}): Buffer {
  const { key = "0", storage = "torch\nFloatStorage\n", count = 2, offset = 0, shape = [2], strides = [1] } = facts;
  const tuple = (items: readonly (number | bigint)[]) => pickle("(", ...items.map((n) => long(BigInt(n))), "t");
  return pickle(
    "ctorch._utils\n_rebuild_tensor_v2\n((",
    text("storage"),
    `c${storage}`,
    text(key),
    text("cpu"),
    long(BigInt(count)),
    "tQ",
    long(BigInt(offset)),
    tuple(shape),
    tuple(strides),
    "\x89ccollections\nOrderedDict\n)RtR",
  );
}

/** `{name: value, …}` as a whole pickle. */
export function dictionary(...pairs: readonly (readonly [string, Uint8Array])[]): Buffer {
  return pickle(PROTO, "}(", ...pairs.flatMap(([name, value]) => [text(name), value]), "u.");
}
