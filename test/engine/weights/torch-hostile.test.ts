import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import * as torchErrors from "../../../src/engine/weights/torch/errors.js";
import { readTorchFile } from "../../../src/engine/weights/torch/read.js";
import { ROOT } from "../../support/paths.js";
import { dictionary, pickle, PROTO, tensor, text } from "./pickle-writer.js";
import { assertSound, errorOf } from "./scratch.js";
import { scratchFolder } from "../../support/scratch-folder.js";
import { zipBytes, type ZipRecord } from "./zip-writer.js";

const folder = scratchFolder();
const path = join(folder, "model.pt");
const FLOATS = new Uint8Array(Float32Array.of(1, 2).buffer);

async function readBytes(bytes: Uint8Array) {
  // Cut after writing: emptying a file first makes some file systems flush it.
  const handle = openSync(path, constants.O_RDWR | constants.O_CREAT);
  writeSync(handle, bytes, 0, bytes.length, 0);
  ftruncateSync(handle, bytes.length);
  closeSync(handle);
  return readTorchFile(path);
}

/** An archive as torch.save lays it out, of this pickle and storage "0" (two float32). */
const archive = (data: Uint8Array, ...more: ZipRecord[]) =>
  zipBytes([{ name: "m/data.pkl", data }, { name: "m/data/0", data: FLOATS }, ...more]);
const read = (data: Uint8Array, ...more: ZipRecord[]) => readBytes(archive(data, ...more));

const legacyMagic = pickle(PROTO, "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.");
const legacySystem = pickle(PROTO, "}", text("little_endian"), "\x88s.");
const legacyKeys = pickle(PROTO, "](", text("0"), "e.");
const legacy = (
  object: Uint8Array,
  { system = legacySystem, keys = legacyKeys, count = 2, version = "M\xe9\x03." } = {},
) => {
  const size = Buffer.alloc(8);
  size.writeBigInt64LE(BigInt(count));
  return Buffer.concat([legacyMagic, pickle(PROTO, version), system, object, keys, size, FLOATS]);
};

describe("sound files", () => {
  it("makes spans of stored entries, also under zip64", async () => {
    const data = dictionary(["a", tensor()]);
    const wide = zipBytes(
      [
        { name: "m/data.pkl", data, wide: true },
        { name: "m/data/0", data: FLOATS, wide: true },
      ],
      true,
    );
    for (const bytes of [archive(data), wide]) {
      const file = await readBytes(bytes);
      const stored = file.tensors.get("a")!;
      expect(stored.bytes).toMatchObject({ file: file.path, offset: bytes.indexOf(FLOATS), length: 8 });
      expect([...readStored(stored).data]).toEqual([1, 2]);
    }
  });

  it("opens older training checkpoints, and names by path what no wrapper holds", async () => {
    const inner = dictionary(["w", tensor()]).subarray(2, -1);
    expect([...(await read(dictionary(["epoch", pickle("K\x01")], ["model", inner]))).tensors.keys()]).toEqual(["w"]);
    expect([...(await read(dictionary(["model", inner], ["x", tensor()]))).tensors.keys()]).toEqual(["model.w", "x"]);
    expect([...(await read(dictionary(["nets", pickle("]", inner, "a")]))).tensors.keys()]).toEqual(["nets.0.w"]);
    expect([...(await read(dictionary(["module.a", tensor()], ["b", tensor()]))).tensors.keys()]).toEqual([
      "module.a",
      "b",
    ]);
  });

  it("keeps names such as __proto__ harmless", async () => {
    const { tensors } = await read(dictionary(["__proto__", tensor()], ["constructor", tensor()]));
    expect([...tensors.keys()]).toEqual(["__proto__", "constructor"]);
  });

  it("reads the format before zip", async () => {
    expect([...readStored((await readBytes(legacy(dictionary(["a", tensor()])))).tensors.get("a")!).data]).toEqual([
      1, 2,
    ]);
  });
});

describe("tensors that lie", () => {
  it.each([
    ["a shape larger than its storage", { shape: [3] }],
    ["an offset past its storage", { offset: 1 }],
    ["strides past its storage", { strides: [2] }],
    ["a storage larger than its entry", { count: 3, shape: [3] }],
    ["more strides than axes", { strides: [1, 1] }],
    ["fewer strides than axes", { strides: [] }],
    ["a size that overflows", { shape: [2 ** 40, 2 ** 40], strides: [0, 0] }],
    ["a stride that overflows", { shape: [2 ** 30, 2], strides: [2 ** 30, 2 ** 50] }],
    ["an absent storage", { key: "1" }],
    ["a storage outside its folder", { key: "../data.pkl" }],
  ])("%s", async (_, facts) => {
    expect((await errorOf(() => read(dictionary(["a", tensor(facts)])))).code).toBe("torch-storage");
  });

  it("does not expand a tiny storage without bound", async () => {
    const error = await errorOf(() => read(dictionary(["a", tensor({ shape: [2 ** 32], strides: [0] })])));
    expect(error.code).toBe("torch-limit");
  });
});

describe("structures that lie", () => {
  it("refuses a container that holds itself", async () => {
    const cycle = pickle(PROTO, "}q\0", text("a"), tensor(), "s", text("self"), "h\0s.");
    expect((await errorOf(() => read(cycle))).code).toBe("torch-limit");
    const list = pickle(PROTO, "]q\0", "h\0a.");
    expect((await errorOf(() => read(list))).code).toBe("torch-limit");
    const record = pickle(PROTO, "c__torch__\nM\n)\x81q\0h\0b.");
    expect((await errorOf(() => read(record))).code).toBe("torch-no-tensors");
  });

  it("refuses references that multiply, deep nesting and names that grow", async () => {
    const doubling = pickle(PROTO, tensor(), "\x85q\0", "h\0h\0\x86q\0".repeat(60), ".");
    const deep = pickle(PROTO, "]".repeat(200), tensor(), "a".repeat(200), ".");
    const name = text("n".repeat(1000));
    const long = pickle(PROTO, pickle("}", name).toString("latin1").repeat(50), tensor(), "s".repeat(50), ".");
    for (const stream of [doubling, deep, long]) {
      expect((await errorOf(() => read(stream))).code).toBe("torch-limit");
    }
  });

  it("refuses two tensors of one name, and files without tensors", async () => {
    const inner = dictionary(["b", tensor()]).subarray(2, -1);
    expect((await errorOf(() => read(dictionary(["a.b", tensor()], ["a", inner])))).code).toBe("torch-duplicate-name");
    expect((await errorOf(() => read(dictionary(["a", text("x")])))).code).toBe("torch-no-tensors");
    expect((await errorOf(() => read(pickle("N.")))).code).toBe("torch-no-tensors");
  });
});

describe("archives that lie", () => {
  const data = dictionary(["a", tensor()]);
  const pkl: ZipRecord = { name: "m/data.pkl", data };
  const zero: ZipRecord = { name: "m/data/0", data: FLOATS };
  const sound = zipBytes([pkl, zero]);
  const cases: [string, string, Uint8Array][] = [
    ["no directory", "torch-zip", sound.subarray(0, -30)],
    ["only the first bytes", "torch-zip", sound.subarray(0, 10)],
    ["a directory past the end", "torch-zip", patched(sound, sound.length - 3, 0x7f)],
    ["more entries than there are", "torch-zip", patched(sound, sound.length - 12, 9)],
    ["several disks", "torch-zip", patched(sound, sound.length - 18, 1)],
    [
      "zip64 without its record",
      "torch-zip",
      patched(patched(sound, sound.length - 12, 0xff), sound.length - 11, 0xff),
    ],
    ["an entry twice", "torch-zip", zipBytes([pkl, pkl, zero])],
    ["an encrypted entry", "torch-zip", zipBytes([pkl, { ...zero, flags: 1 }])],
    ["an unknown compression", "torch-zip", zipBytes([pkl, { ...zero, method: 12 }])],
    ["an entry past the directory", "torch-zip", zipBytes([pkl, { ...zero, size: 999, compressedSize: 999 }])],
    ["an entry of 4 GB", "torch-zip", zipBytes([pkl, { ...zero, size: 0xfffffff0, compressedSize: 0xfffffff0 }])],
    ["an entry that begins elsewhere", "torch-zip", zipBytes([pkl, { ...zero, headerOffset: 7 }])],
    ["an entry that begins outside", "torch-zip", zipBytes([pkl, { ...zero, headerOffset: 0x7fffffff }])],
    ["two sizes for stored bytes", "torch-zip", zipBytes([pkl, { ...zero, size: 4 }])],
    ["compressed bytes that are not", "torch-zip", zipBytes([pkl, { ...zero, method: 8 }])],
    [
      "more bytes than declared",
      "torch-zip",
      zipBytes([pkl, { ...zero, data: deflateRawSync(Buffer.alloc(1 << 20)), method: 8, size: 8 }]),
    ],
    [
      "fewer bytes than declared",
      "torch-zip",
      zipBytes([pkl, { ...zero, data: deflateRawSync(FLOATS), method: 8, size: 99 }]),
    ],
    ["a pickle of 4 GB", "torch-limit", zipBytes([{ ...pkl, method: 8, size: 0xfffffff0 }, zero])],
    ["a storage that inflates past the cap", "torch-limit", zipBytes([pkl, { ...zero, method: 8, size: 0xfffffff0 }])],
    ["no pickle", "torch-archive", zipBytes([zero])],
    ["no entries", "torch-archive", zipBytes([])],
    ["two pickles", "torch-archive", zipBytes([pkl, zero, { ...pkl, name: "n/data.pkl" }])],
    ["a pickle at the top", "torch-archive", zipBytes([{ ...pkl, name: "data.pkl" }])],
    ["big-endian bytes", "torch-byte-order", archive(data, { name: "m/byteorder", data: Buffer.from("big") })],
    ["an endless byte order", "torch-limit", archive(data, { name: "m/byteorder", data: Buffer.alloc(1000) })],
  ];
  it.each(cases)("%s", async (_, code, bytes) => {
    expect((await errorOf(() => readBytes(bytes))).code).toBe(code);
  });

  it("accepts a little-endian mark", async () => {
    expect((await read(data, { name: "m/byteorder", data: Buffer.from("little") })).tensors.size).toBe(1);
  });
});

describe("files of the format before zip that lie", () => {
  const object = dictionary(["a", tensor()]);
  it.each([
    ["an unknown version", "torch-archive", legacy(object, { version: "K\x01." })],
    ["big-endian", "torch-byte-order", legacy(object, { system: pickle(PROTO, "}", text("little_endian"), "\x89s.") })],
    ["no list of keys", "torch-archive", legacy(object, { keys: pickle("N.") })],
    ["an unknown key", "torch-archive", legacy(object, { keys: pickle("](", text("9"), "e.") })],
    ["a key twice", "torch-archive", legacy(object, { keys: pickle("](", text("0"), text("0"), "e.") })],
    ["a missing key", "torch-storage", legacy(object, { keys: pickle("].") })],
    ["another count", "torch-storage", legacy(object, { count: 3 })],
    ["too few bytes", "torch-storage", legacy(object).subarray(0, -1)],
    ["no count", "torch-storage", legacy(object).subarray(0, -12)],
    ["no pickle", "pickle-truncated", legacyMagic],
    ["a function", "pickle-refused", legacy(pickle("cos\nsystem\n(", text("true"), "tR."))],
  ])("%s", async (_, code, bytes) => {
    expect((await errorOf(() => readBytes(bytes))).code).toBe(code);
  });
});

const FILES = 2_000;

it(`opens or refuses ${FILES} mutated torch files, and never leaves a file`, async () => {
  const names = ["plain.pt", "ordered.pt", "script.pt", "training.pt", "legacy.pt", "deflated.pt"];
  const originals = names.map((name) => readFileSync(join(ROOT, "test/fixtures/torch", name)));
  const codes = new Set<string>(Object.values(torchErrors).map((TorchError) => new TorchError({ what: "" }).code));
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  // Without bias: fast-check prefers small numbers, and the first bytes are soon covered.
  const position = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((n) => n / 1e6);
  const mutation = fc.oneof(
    { weight: 6, arbitrary: fc.tuple(fc.constant("set"), position, fc.nat(255)) },
    { weight: 3, arbitrary: fc.tuple(fc.constant("tail"), position, fc.nat(255)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("cut"), position, fc.constant(0)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("drop"), position, fc.integer({ min: 1, max: 9 })) },
  );
  const property = fc.asyncProperty(
    fc.constantFrom(...originals),
    fc.array(mutation, { minLength: 1, maxLength: 3, size: "max" }),
    async (original, changes) => {
      const bytes = changes.reduce(mutate, original);
      try {
        const file = await readBytes(bytes);
        assertSound(file);
        for (const stored of file.tensors.values()) expect(readStored(stored).data.length).toBe(sizeOf(stored.shape));
        count("opened");
      } catch (error) {
        if (!(error instanceof VitrineError) || !codes.has(error.code)) throw error;
        count(error.code);
      }
    },
  );
  await fc.assert(property, { numRuns: FILES, seed: 20_26, endOnFailure: true });

  expect(outcomes.get("opened")).toBeGreaterThan(FILES / 20);
  expect(outcomes.size).toBeGreaterThan(7);
});

function mutate(file: Buffer, [kind, at, value]: [string, number, number]): Buffer {
  if (file.length === 0) return file;
  const copy = Buffer.from(file);
  const index = Math.floor(at * copy.length);
  switch (kind) {
    case "cut":
      return copy.subarray(0, index);
    case "drop":
      return Buffer.concat([copy.subarray(0, index), copy.subarray(index + value)]);
    case "tail":
      // The directory and its end: where most of an archive's promises are.
      copy[copy.length - 1 - Math.floor(at * Math.min(200, copy.length))] = value;
      return copy;
    default:
      copy[index] = value;
      return copy;
  }
}

function patched(bytes: Buffer, at: number, value: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = value;
  return copy;
}
