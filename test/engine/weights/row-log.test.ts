/** Runs that are ended: what stands on the disk is all that the next run knows. */
import { appendFileSync, existsSync, statSync, truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../../src/engine/weights/read-stored.js";
import { RowLog, type RowLogOptions } from "../../../src/engine/weights/row-log.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const folder = scratchFolder();
const run: RowLogOptions = { name: "rows", shape: [9, 5], metadata: { of: "this run" } };
const rowsFrom = (start: number, count: number): Float32Array =>
  Float32Array.from({ length: count * 5 }, (_, i) => start * 5 + i);

test("a run cut anywhere, again and again, ends with every row once and in order", async () => {
  let file = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.nat(25)), { maxLength: 6 }), async (cuts) => {
      const path = join(folder, `cut-${file++}.safetensors`);
      for (const [count, lost] of cuts) {
        await using log = await RowLog.open(path, run);
        await log.append(rowsFrom(log.rows, Math.min(count, 9 - log.rows)));
        // What a crash loses at the end of the file: part of a row, or more; the head was there before.
        const { size } = statSync(`${path}.partial`);
        truncateSync(`${path}.partial`, Math.max(size - 20 * log.rows, size - lost));
      }
      await using log = await RowLog.open(path, run);
      await log.append(rowsFrom(log.rows, 9 - log.rows));
      await log.finish();
      const { data, shape } = readStored((await openCheckpoint(path)).get("rows"));
      expect(shape).toEqual([9, 5]);
      expect(data).toEqual(rowsFrom(0, 9));
    }),
    { numRuns: 40 },
  );
});

describe("a file that was begun", () => {
  const path = join(folder, "begun.safetensors");
  const begin = async (): Promise<void> => {
    await using log = await RowLog.open(path, { ...run, restart: true });
    await log.append(rowsFrom(0, 3));
  };

  test("has no name until it is whole, and its rows can be read", async () => {
    await begin();
    expect(existsSync(path)).toBe(false);
    await using log = await RowLog.open(path, run);
    expect(log.rows).toBe(3);
  });

  test("is refused to a run with other metadata or another shape, and left as it is", async () => {
    await begin();
    const { size } = statSync(`${path}.partial`);
    for (const other of [
      { ...run, metadata: { of: "another" } },
      { ...run, shape: [8, 5] as const },
    ]) {
      await expect(RowLog.open(path, other)).rejects.toThrow(/another run was begun here.*begun\.safetensors\.partial/);
    }
    expect(statSync(`${path}.partial`).size).toBe(size);
  });

  test("is dropped on request", async () => {
    await begin();
    await using log = await RowLog.open(path, { ...run, metadata: { of: "another" }, restart: true });
    expect(log.rows).toBe(0);
  });

  test("holds no more rows than asked for, whatever was appended", async () => {
    await begin();
    appendFileSync(`${path}.partial`, new Uint8Array(20 * 20));
    await using log = await RowLog.open(path, run);
    expect(log.rows).toBe(9);
  });
});

test("a folder that is not there is an error with its path", async () => {
  await expect(RowLog.open(join(folder, "no", "rows.safetensors"), run)).rejects.toThrow(/cannot write file/);
});
