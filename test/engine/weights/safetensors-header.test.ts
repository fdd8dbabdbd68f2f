import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { FileMissingError, FileUnreadableError } from "../../../src/engine/weights/errors.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import * as errors from "../../../src/engine/weights/safetensors/errors.js";
import { parseHeader } from "../../../src/engine/weights/safetensors/header.js";
import { readSafetensorsHeader } from "../../../src/engine/weights/safetensors/read.js";
import { errorOf, safetensorsBytes } from "./scratch.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const path = join(folder, "model.safetensors");

async function readBytes(bytes: Uint8Array) {
  writeFileSync(path, bytes);
  return readSafetensorsHeader(path);
}

const read = (header: string, dataLength: number) => readBytes(safetensorsBytes(header, dataLength));

/** `[header, bytes of data]` with one tensor "a". */
const one = (entry: string, dataLength = 4): [string, number] => [`{"a":${entry}}`, dataLength];
const entry = (dtype: string, shape: string, begin: number | string, end: number | string) =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
const U8 = (begin: number, end: number) => entry("U8", `[${end - begin}]`, begin, end);

describe("sound files", () => {
  it("locates tensors, keeps metadata, accepts padding and scalars and empty tensors", async () => {
    const header = `{"__metadata__":{"format":"pt"},"s":${entry("F32", "[]", 0, 4)},"e":${entry("I64", "[0,3]", 4, 4)},"m":${entry("U8", "[2,1]", 4, 6)}}   `;
    const file = await read(header, 6);
    expect(file.metadata["format"]).toBe("pt");
    expect([...file.tensors.keys()]).toEqual(["s", "e", "m"]);
    const start = 8 + header.length;
    expect(file.tensors.get("m")).toMatchObject({
      name: "m",
      dtype: "U8",
      shape: [2, 1],
      bytes: { file: file.path, offset: start + 4, length: 2 },
    });
    expect([...readStored(file.tensors.get("m")!).data]).toEqual([(start + 4) % 251, (start + 5) % 251]);
  });

  it("accepts a file without tensors", async () => {
    expect((await read("{}", 0)).tensors.size).toBe(0);
  });

  it("opens files with element types it does not compute with, and sets those tensors apart", async () => {
    const header = `{"a":${entry("F8_E4M3", "[3]", 0, 3)},"b":${entry("F4", "[2]", 3, 4)},"c":${U8(4, 5)}}`;
    const { tensors, unsupported } = await read(header, 5);
    expect([...unsupported]).toEqual([
      ["a", "F8_E4M3"],
      ["b", "F4"],
    ]);
    expect([...tensors.keys()]).toEqual(["c"]);
  });

  it("treats __proto__ as a name like any other", async () => {
    const header = `{"__metadata__":{"__proto__":"note","constructor":"c"},"__proto__":${U8(0, 1)},"toString":${U8(1, 2)}}`;
    const { metadata, tensors } = await read(header, 2);
    expect([...tensors.keys()]).toEqual(["__proto__", "toString"]);
    expect(Object.entries(metadata)).toEqual([
      ["__proto__", "note"],
      ["constructor", "c"],
    ]);
    expect(Object.getPrototypeOf(metadata)).toBeNull();
    expect(({} as Record<string, unknown>)["dtype"]).toBeUndefined();
  });

  it("does not look for missing fields on a prototype that the file sets", async () => {
    const header = `{"a":{"__proto__":${U8(0, 1)}}}`;
    expect((await errorOf(() => read(header, 1))).code).toBe("safetensors-entry");
  });
});

describe("files that lie", () => {
  const lies: [string, new (...args: never[]) => Error, Uint8Array][] = [
    ["an empty file", errors.SafetensorsTooShortError, Buffer.alloc(0)],
    ["seven bytes", errors.SafetensorsTooShortError, Buffer.alloc(7)],
    [
      "a header over the format's limit",
      errors.SafetensorsHeaderTooLargeError,
      safetensorsBytes("{}", 0, 100_000_001n),
    ],
    ["a header of 2^64-1 bytes", errors.SafetensorsHeaderTooLargeError, safetensorsBytes("{}", 0, 2n ** 64n - 1n)],
    ["a header longer than the file", errors.SafetensorsHeaderPastEndError, safetensorsBytes("{}", 0, 3n)],
    ["a header that is no object", errors.SafetensorsHeaderStartError, safetensorsBytes("[]", 0)],
    ["a header that begins with a space", errors.SafetensorsHeaderStartError, safetensorsBytes(" {}", 0)],
    ["a header with a byte order mark", errors.SafetensorsHeaderStartError, safetensorsBytes("\ufeff{}", 0)],
    ["a header of no bytes", errors.SafetensorsHeaderStartError, safetensorsBytes("", 4)],
    [
      "a header that is not UTF-8",
      errors.SafetensorsHeaderUtf8Error,
      safetensorsBytes(Buffer.concat([Buffer.from('{"'), Buffer.from([0xff, 0xc0]), Buffer.from('":1}')]), 0),
    ],
    ["a header cut short", errors.SafetensorsHeaderJsonError, safetensorsBytes('{"a":', 0)],
    ["a header with a second value", errors.SafetensorsHeaderJsonError, safetensorsBytes("{}{}", 0)],
    ["an unclosed string", errors.SafetensorsHeaderJsonError, safetensorsBytes('{"a\\', 0)],
    ["a JSON bomb", errors.SafetensorsHeaderDepthError, safetensorsBytes(`{"a":${"[".repeat(5_000_000)}`, 0)],
    ["a bomb of objects", errors.SafetensorsHeaderDepthError, safetensorsBytes('{"a":'.repeat(500_000), 0)],
    [
      "a repeated tensor",
      errors.SafetensorsDuplicateKeyError,
      safetensorsBytes(`{"a":${U8(0, 1)},"a":${U8(1, 2)}}`, 2),
    ],
    [
      "a repeated tensor, once escaped",
      errors.SafetensorsDuplicateKeyError,
      safetensorsBytes(`{"a":${U8(0, 1)},"\\u0061":${U8(1, 2)}}`, 2),
    ],
    [
      "a repeated field",
      errors.SafetensorsDuplicateKeyError,
      safetensorsBytes('{"a":{"dtype":"U8","shape":[1],"shape":[2],"data_offsets":[0,1]}}', 1),
    ],
    ["a tensor that is no object", errors.SafetensorsEntryError, safetensorsBytes(...one("[1]"))],
    ["a tensor that is null", errors.SafetensorsEntryError, safetensorsBytes(...one("null"))],
    ["no shape", errors.SafetensorsEntryError, safetensorsBytes(...one('{"dtype":"U8","data_offsets":[0,4]}'))],
    ["no dtype", errors.SafetensorsEntryError, safetensorsBytes(...one('{"shape":[4],"data_offsets":[0,4]}'))],
    ["no offsets", errors.SafetensorsEntryError, safetensorsBytes(...one('{"dtype":"U8","shape":[4]}'))],
    [
      "three offsets",
      errors.SafetensorsEntryError,
      safetensorsBytes(...one('{"dtype":"U8","shape":[4],"data_offsets":[0,4,5]}')),
    ],
    ["a negative offset", errors.SafetensorsEntryError, safetensorsBytes(...one(entry("U8", "[4]", -4, 0)))],
    ["a fractional offset", errors.SafetensorsEntryError, safetensorsBytes(...one(entry("U8", "[4]", "0.5", 4)))],
    [
      "an offset past 2^53",
      errors.SafetensorsEntryError,
      safetensorsBytes(...one(entry("U8", "[1]", 0, "9007199254740993"))),
    ],
    ["an unknown element type", errors.SafetensorsDTypeError, safetensorsBytes(...one(entry("F33", "[1]", 0, 4)))],
    [
      "a type named like a method",
      errors.SafetensorsDTypeError,
      safetensorsBytes(...one(entry("toString", "[1]", 0, 4))),
    ],
    ["a negative size", errors.SafetensorsShapeError, safetensorsBytes(...one(entry("U8", "[-1]", 0, 4)))],
    ["a fractional size", errors.SafetensorsShapeError, safetensorsBytes(...one(entry("F32", "[1.5]", 0, 4)))],
    ["a size that is text", errors.SafetensorsShapeError, safetensorsBytes(...one(entry("F32", '["1"]', 0, 4)))],
    [
      "a size past 2^53",
      errors.SafetensorsShapeError,
      safetensorsBytes(...one(entry("U8", "[9007199254740993]", 0, 4))),
    ],
    [
      "a product past 2^53",
      errors.SafetensorsShapeError,
      safetensorsBytes(...one(entry("U8", "[94906267,94906267]", 0, 4))),
    ],
    [
      "a byte count past 2^53",
      errors.SafetensorsShapeError,
      safetensorsBytes(...one(entry("F64", "[9007199254740991]", 0, 4))),
    ],
    ["half a byte", errors.SafetensorsShapeError, safetensorsBytes(...one(entry("F4", "[1]", 0, 1), 1))],
    ["a shape that is too small", errors.SafetensorsSizeError, safetensorsBytes(...one(entry("F32", "[1]", 0, 8), 8))],
    ["a shape that is too large", errors.SafetensorsSizeError, safetensorsBytes(...one(entry("F32", "[2]", 0, 4)))],
    ["reversed offsets", errors.SafetensorsOffsetsReversedError, safetensorsBytes(...one(entry("U8", "[4]", 4, 0)))],
    ["a tensor past the end", errors.SafetensorsOffsetsOutOfBoundsError, safetensorsBytes(...one(U8(0, 5)))],
    ["an overlap", errors.SafetensorsOverlapError, safetensorsBytes(`{"a":${U8(0, 3)},"b":${U8(2, 4)}}`, 4)],
    [
      "two tensors on one span",
      errors.SafetensorsOverlapError,
      safetensorsBytes(`{"a":${U8(0, 3)},"b":${U8(0, 3)}}`, 3),
    ],
    ["a hole", errors.SafetensorsHoleError, safetensorsBytes(`{"a":${U8(0, 2)},"b":${U8(3, 4)}}`, 4)],
    ["a hole at the start", errors.SafetensorsHoleError, safetensorsBytes(...one(U8(1, 4)))],
    ["bytes at the end", errors.SafetensorsUncoveredError, safetensorsBytes(...one(U8(0, 3)))],
    ["data without tensors", errors.SafetensorsUncoveredError, safetensorsBytes("{}", 1)],
    ["metadata that is text", errors.SafetensorsMetadataError, safetensorsBytes('{"__metadata__":"x"}', 0)],
    ["metadata that is null", errors.SafetensorsMetadataError, safetensorsBytes('{"__metadata__":null}', 0)],
    ["metadata with a number", errors.SafetensorsMetadataError, safetensorsBytes('{"__metadata__":{"a":1}}', 0)],
    ["metadata with an object", errors.SafetensorsMetadataError, safetensorsBytes('{"__metadata__":{"a":{}}}', 0)],
  ];

  it.each(lies)("%s", async (_, expected, content) => {
    const error = await errorOf(() => readBytes(content));
    expect(error).toBeInstanceOf(expected);
    expect(error.message).toContain("model.safetensors");
    expect(error.message).not.toContain("\n");
  });

  it("has a test for every error that the format can cause", () => {
    const tested = new Set(lies.map(([, expected]) => expected.name));
    expect(Object.keys(errors).filter((name) => !tested.has(name))).toEqual([]);
  });

  it("keeps names out of the terminal's control", async () => {
    const error = await errorOf(() => read(`{"\\u001b[31m\u009b${"x".repeat(5000)}":1}`, 0));
    expect(error.message).toContain("\\u001b[31m\\u009b");
    expect(error.message.length).toBeLessThan(500);
  });
});

describe("files that are not there, or not for long", () => {
  it("says so when the path names nothing, or a folder", async () => {
    expect(await errorOf(() => readSafetensorsHeader(join(folder, "absent")))).toBeInstanceOf(FileMissingError);
    expect(await errorOf(() => readSafetensorsHeader(folder))).toBeInstanceOf(FileUnreadableError);
  });

  it("says so when the file was cut after it was opened", async () => {
    for (const dtype of ["F32", "BF16"]) {
      const size = dtype === "F32" ? 400 : 200;
      const file = await read(`{"a":${entry(dtype, "[10,10]", 0, size)}}`, size);
      truncateSync(path, file.size - 1);
      const stored = file.tensors.get("a")!;
      const error = await errorOf(() => readStored(stored));
      expect(error.code).toBe("file-truncated");
      expect(readStored(stored, { rows: [0, 9] }).shape).toEqual([9, 10]);
    }
  });
});

describe("cost", () => {
  it("reads a header of 30,000 tensors in a moment", () => {
    const parts = Array.from({ length: 30_000 }, (_, i) => `"layer.${i}.weight":${U8(i, i + 1)}`);
    const header = Buffer.from(`{${parts.join(",")}}`);
    const start = performance.now();
    expect(parseHeader(header, 30_000, "big").entries.length).toBe(30_000);
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});
