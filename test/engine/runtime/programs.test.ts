/** Programs: where weights may lie, how sessions are shared and freed, what is refused. */
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import { constant, input, weight } from "../../../src/engine/graph/ops/leaves.js";
import { linear, matmul } from "../../../src/engine/graph/ops/matmul.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { DeviceUnavailableError, ProgramInputError, RuntimeFailure } from "../../../src/engine/runtime/errors.js";
import { runtime } from "../../../src/engine/runtime/node.js";
import { Random } from "../../../src/engine/tensor/random.js";
import type { StoredDType } from "../../../src/engine/tensor/dtype.js";
import type { FileSpan, StoredTensor } from "../../../src/engine/tensor/stored.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { stampOf } from "../../../src/engine/weights/file-stamp.js";
import { toBFloat16, toFloat16 } from "../../../src/engine/weights/narrow.js";
import { fileSpan } from "../../../src/engine/weights/source-file.js";
import { largestDifference } from "../../support/clips.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const values = new Random(2).centred(12, 1);
const x = floatTensor(new Random(3).centred(8, 1), [2, 4]);

/** The [3,4] weight in a file of its own, `lead` bytes in. */
function stored(name: string, dtype: StoredDType, bytes: Uint8Array, lead: number, where = folder): StoredTensor {
  const file = join(where, name);
  writeFileSync(file, Buffer.concat([Buffer.alloc(lead, 0xee), bytes]));
  return {
    name,
    dtype,
    shape: [3, 4],
    bytes: fileSpan(file, stampOf(statSync(file, { bigint: true })), lead, bytes.length),
  };
}

const asBytes = (view: Float32Array | Float64Array | Uint16Array): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

async function product(tensor: StoredTensor): Promise<Float32Array> {
  await using program = await compile({ y: linear(input("x", [2, 4]), weight(tensor)) });
  return (await program.run({ x })).y.data as Float32Array;
}

function expected(w: ArrayLike<number>): number[] {
  return [0, 1].flatMap((i) =>
    [0, 1, 2].map((o) => [0, 1, 2, 3].reduce((sum, k) => sum + x.data[i * 4 + k]! * w[o * 4 + k]!, 0)),
  );
}

describe("weights", () => {
  test.each<[string, StoredDType, Uint8Array, number, number]>([
    ["F32 mapped", "F32", asBytes(values), 64, 1e-6],
    ["F32 at an odd offset", "F32", asBytes(values), 7, 1e-6],
    ["F64", "F64", asBytes(Float64Array.from(values)), 8, 1e-6],
    ["F16 mapped", "F16", asBytes(toFloat16(values)), 10, 2e-3],
    ["BF16 mapped", "BF16", asBytes(toBFloat16(values)), 6, 2e-2],
  ])("%s", async (name, dtype, bytes, lead, tolerance) => {
    expect(largestDifference(await product(stored(name, dtype, bytes, lead)), expected(values))).toBeLessThan(
      tolerance,
    );
  });

  test("in memory", async () => {
    const tensor: StoredTensor = { name: "w", dtype: "F32", shape: [3, 4], bytes: asBytes(values) };
    expect(largestDifference(await product(tensor), expected(values))).toBeLessThan(1e-6);
  });

  test("of several folders and memory in one program", async () => {
    const other = join(folder, "other");
    mkdirSync(other);
    const a = weight(stored("a", "F32", asBytes(values), 4));
    const b = weight(stored("b", "F32", asBytes(values), 0, other));
    const c = weight({ name: "c", dtype: "F32", shape: [3, 4], bytes: asBytes(values) });
    const xs = input("x", [2, 4]);
    await using program = await compile({ y: add(add(linear(xs, a), linear(xs, b)), linear(xs, c)) });
    const { y } = await program.run({ x });
    expect(
      largestDifference(
        y.data,
        expected(values).map((v) => 3 * v),
      ),
    ).toBeLessThan(1e-5);
  });

  test("a file that is shorter than promised fails to load, and nothing is computed", async () => {
    const tensor = stored("short", "F32", asBytes(values), 0);
    const cut = { ...tensor, bytes: { ...(tensor.bytes as FileSpan), offset: 16, length: 48 } };
    await expect(product(cut)).rejects.toThrow(RuntimeFailure);
  });
});

test.each<[string, (file: string) => void]>([
  [
    "written to",
    (file): void => {
      writeFileSync(file, Buffer.alloc(1000));
    },
  ],
  [
    "deleted",
    (file): void => {
      rmSync(file);
    },
  ],
])("a weights file that was %s since it was opened is refused", async (name, change) => {
  const tensor = stored(name, "F32", asBytes(values), 0);
  change((tensor.bytes as FileSpan).file);
  await expect(product(tensor)).rejects.toMatchObject({ code: "weights-changed" });
});

describe("programs", () => {
  const build = (): { y: ReturnType<typeof mul> } => ({
    y: mul(matmul(input("x", [2, 4]), constant(floatTensor(values, [4, 3]))), 2),
  });

  test("of the same structure share a session, and each is disposed of alone", async () => {
    const sessions = vi.spyOn(runtime, "createSession");
    const first = await compile(build());
    const second = await compile(build());
    expect(sessions).toHaveBeenCalledTimes(1);
    sessions.mockRestore();
    const { y: before } = await first.run({ x });
    await first.dispose();
    await first.dispose();
    await expect(first.run({ x })).rejects.toThrow("disposed");
    expect((await second.run({ x })).y.data).toEqual(before.data);
    await second.dispose();
  });

  test("may be disposed of while they run", async () => {
    const program = await compile(build());
    const run = program.run({ x });
    await program.dispose();
    expect((await run).y.shape).toEqual([2, 3]);
  });

  test("prune what no output needs", async () => {
    const unused = matmul(input("unused", [1000, 1000]), input("never", [1000, 1000]));
    expect(unused.shape).toEqual([1000, 1000]);
    await using program = await compile(build());
    await program.run({ x });
  });

  test("give one value under two names, and an input back", async () => {
    const xs = input("x", [2, 4]);
    const doubled = mul(xs, 2);
    await using program = await compile({ a: doubled, b: doubled, same: xs });
    const { a, b, same } = await program.run({ x });
    expect(a.data).toEqual(b.data);
    expect(same.data).toEqual(x.data);
  });

  test("say which input is missing or does not fit", async () => {
    await using program = await compile(build());
    await expect(program.run({})).rejects.toThrow(ProgramInputError);
    await expect(program.run({ x: floatTensor(x.data, [4, 2]) })).rejects.toThrow(
      "a tensor does not fit the program: x: got [4,2], expected float32 [2,4]",
    );
  });

  test("repeat bit for bit", async () => {
    await using program = await compile(build());
    const { y: first } = await program.run({ x });
    for (let i = 0; i < 5; i++) expect((await program.run({ x })).y.data).toEqual(first.data);
  });
});

describe("devices", () => {
  test("cuda is refused in one line where its libraries are absent", async ({ skip }) => {
    const y = mul(input("x", [2, 4]), 2);
    const outcome = await compile({ y }, { device: "cuda" }).then(
      (program) => program.dispose(),
      (error: unknown) => error,
    );
    if (outcome === undefined) {
      skip("SKIPPED: this machine has CUDA, so its absence cannot be tested");
    }
    expect(outcome).toBeInstanceOf(DeviceUnavailableError);
    const { message, exitCode } = outcome as DeviceUnavailableError;
    expect(exitCode).toBe(2);
    expect(message).toContain('the device "cuda" cannot be used on this machine');
    expect(message).not.toContain("\n");
  });
});
