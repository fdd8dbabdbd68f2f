import { ftruncateSync, openSync, writeSync, closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { readSafetensorsHeader } from "../../../src/engine/weights/safetensors/read.js";
import { writeSafetensors } from "../../../src/engine/weights/safetensors/write.js";
import { assertSound } from "./scratch.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const FILES = 10_000;
const folder = scratchFolder();

/** Without bias: fast-check prefers small numbers, and the first bytes are soon covered. */
const position = fc.noBias(fc.integer({ min: 0, max: 999_999 })).map((n) => n / 1e6);

/** Changes to a sound file; positions are fractions, so that they fit any length. */
const mutation = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("flip" as const),
      at: position,
      bit: fc.nat(7),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("header-byte" as const),
      at: fc.noBias(fc.nat()),
      byte: fc.integer({ min: 0x20, max: 0x7e }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("cut" as const), at: position }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("grow" as const), by: fc.integer({ min: 1, max: 64 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("length" as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("length-by" as const), by: fc.integer({ min: -16, max: 16 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("number" as const),
      which: fc.nat(),
      value: fc.oneof(
        fc.integer({ min: -2, max: 80 }),
        fc.maxSafeInteger(),
        fc.constantFrom("1e999", "0.5", "18446744073709551616", '"1"', "[1]", "null"),
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("dtype" as const),
      which: fc.nat(),
      value: fc.constantFrom("F64", "F32", "F16", "BF16", "I8", "U8", "BOOL", "F4", "F8_E4M3", "C64", "X", "__proto__"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("name" as const),
      which: fc.nat(),
      value: fc.constantFrom("a", "__proto__", "__metadata__", "", "constructor"),
    }),
  },
);
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

function headerOf(file: Buffer): string {
  const length = file.length < 8 ? 0 : Number(file.readBigUInt64LE());
  return file.toString("latin1", 8, Math.min(file.length, 8 + length));
}

function withHeader(file: Buffer, header: string): Buffer {
  const before = headerOf(file);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, Buffer.from(header, "latin1"), file.subarray(8 + before.length)]);
}

/** Replaces the `which`-th match (counted round and round). */
function replaceMatch(text: string, pattern: RegExp, which: number, value: string): string {
  const count = text.match(pattern)?.length ?? 0;
  let i = 0;
  return text.replace(pattern, (match) => (i++ === which % count ? value : match));
}

function mutate(file: Buffer, change: Mutation): Buffer {
  if (file.length < 9) return file;
  const copy = Buffer.from(file);
  switch (change.kind) {
    case "flip":
      copy[Math.floor(change.at * (copy.length - 1))]! ^= 1 << change.bit;
      return copy;
    case "header-byte":
      copy[8 + (change.at % Math.max(1, headerOf(copy).length))] = change.byte;
      return copy;
    case "cut":
      return copy.subarray(0, Math.floor(change.at * copy.length));
    case "grow":
      return Buffer.concat([copy, Buffer.alloc(change.by)]);
    case "length":
      copy.writeBigUInt64LE(change.value);
      return copy;
    case "length-by":
      copy.writeBigUInt64LE(BigInt.asUintN(64, copy.readBigUInt64LE() + BigInt(change.by)));
      return copy;
    case "number":
      return withHeader(
        copy,
        replaceMatch(headerOf(copy), /(?<=[[,])\d+(?=[\],])/g, change.which, String(change.value)),
      );
    case "dtype":
      return withHeader(copy, replaceMatch(headerOf(copy), /(?<="dtype":)"\w*"/g, change.which, `"${change.value}"`));
    case "name":
      return withHeader(
        copy,
        replaceMatch(headerOf(copy), /(?<=[{,])"[^"]*"(?=:\{)/g, change.which, `"${change.value}"`),
      );
  }
}

async function seeds(): Promise<Buffer[]> {
  const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => i - 1);
  const files = [
    [{ name: "a", dtype: "F32" as const, shape: [2, 3], data: numbers(6) }],
    [
      { name: "a", dtype: "F16" as const, shape: [4], data: numbers(4) },
      { name: "b", dtype: "BF16" as const, shape: [2, 2], data: numbers(4) },
      { name: "c", dtype: "I64" as const, shape: [2], data: Int32Array.of(1, -1) },
      { name: "d", dtype: "BOOL" as const, shape: [3], data: Uint8Array.of(0, 1, 1) },
      { name: "e", dtype: "F64" as const, shape: [], data: Float64Array.of(2.5) },
      { name: "f", dtype: "U8" as const, shape: [0, 5], data: Uint8Array.of() },
    ],
  ];
  const out: Buffer[] = [];
  for (const tensors of files) {
    const path = join(folder, "seed.safetensors");
    await writeSafetensors(path, tensors, { note: "seed" });
    out.push(readFileSync(path));
  }
  return out;
}

it(`opens or refuses ${FILES} mutated files, and never leaves a file`, { timeout: 60_000 }, async () => {
  const originals = await seeds();
  const path = join(folder, "fuzz.safetensors");
  const handle = openSync(path, "w");
  const outcomes = new Map<string, number>();
  const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const property = fc.asyncProperty(
    fc.constantFrom(...originals),
    fc.array(mutation, { minLength: 1, maxLength: 2, size: "max" }),
    async (original, changes) => {
      const bytes = changes.reduce(mutate, original);
      writeSync(handle, bytes, 0, bytes.length, 0);
      ftruncateSync(handle, bytes.length);
      try {
        const file = await readSafetensorsHeader(path);
        expect(file.size).toBe(bytes.length);
        assertSound(file);
        for (const stored of file.tensors.values()) expect(readStored(stored).data.length).toBe(sizeOf(stored.shape));
        count("opened");
      } catch (error) {
        if (!(error instanceof VitrineError) || !error.code.startsWith("safetensors-")) throw error;
        count(error.code);
      }
    },
  );
  try {
    await fc.assert(property, { numRuns: FILES, seed: 20_26, endOnFailure: true });
  } finally {
    closeSync(handle);
  }
  // The mutations are worth something only if they reach the checks behind the first ones.

  expect(outcomes.get("opened")).toBeGreaterThan(FILES / 50);
  expect(outcomes.size).toBeGreaterThan(14);
});
