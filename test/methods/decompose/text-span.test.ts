/** TextSpan from moments: against the reference's picks, and against the algorithm as the paper has it, over the rows. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { Moments } from "../../../src/engine/tensor/moments.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { normaliseRows } from "../../../src/engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { spanReconstruction, textSpan } from "../../../src/methods/decompose/text-span.js";
import { largestDifference, readAll } from "../../support/clips.js";
import { ROOT } from "../../support/paths.js";
import { vitrine } from "../../support/vitrine.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const GOLDEN = join(ROOT, "test/golden/clip-a/expected.safetensors");
const golden = await readAll(GOLDEN);
const [data, pool] = [golden.get("textspan_data")!, golden.get("textspan_pool")!];
const folder = scratchFolder();

/** Rows [count,width] in a space of so many dimensions. */
function rowsOf(random: Random, count: number, width: number, dimensions: number): FloatTensor {
  const basis = Float64Array.from({ length: dimensions * width }, () => random.uniform() - 0.5);
  const out = new Float32Array(count * width);
  for (let row = 0; row < count; row++) {
    for (let d = 0; d < dimensions; d++) {
      const weight = (random.uniform() - 0.3) * (1 + d);
      for (let i = 0; i < width; i++) out[row * width + i]! += weight * basis[d * width + i]!;
    }
  }
  return floatTensor(out, [count, width]);
}

const texts = (random: Random, count: number, width: number): FloatTensor =>
  normaliseRows(
    floatTensor(
      Float32Array.from({ length: count * width }, () => random.uniform() - 0.5),
      [count, width],
    ),
  );

/** Algorithm 1 over the rows themselves, for texts that lie in the rows' span already: no moments, no basis. */
function byRows(rows: FloatTensor, candidates: FloatTensor, count: number): { picks: number[]; explained: number[] } {
  const [n, width] = rows.shape as [number, number];
  const mean = Float64Array.from(
    { length: width },
    (_, i) => Array.from({ length: n }, (__, row) => rows.data[row * width + i]!).reduce((a, b) => a + b, 0) / n,
  );
  let x = Array.from({ length: n }, (_, r) => Array.from(mean, (m, i) => rows.data[r * width + i]! - m));
  let t = Array.from({ length: candidates.shape[0]! }, (_, r) => [
    ...candidates.data.subarray(r * width, (r + 1) * width),
  ]);
  const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
  const energy = (): number => x.reduce((sum, row) => sum + dot(row, row), 0);
  const total = energy();
  const [picks, explained]: [number[], number[]] = [[], []];
  for (let step = 0; step < count; step++) {
    const spread = t.map((text) => x.reduce((sum, row) => sum + dot(row, text) ** 2, 0));
    const pick = spread.indexOf(Math.max(...spread));
    const chosen = t[pick]!;
    const without = (row: number[]): number[] => {
      const share = dot(row, chosen) / dot(chosen, chosen);
      return row.map((value, i) => value - share * chosen[i]!);
    };
    x = x.map(without);
    t = t.map(without);
    picks.push(pick);
    explained.push(1 - energy() / total);
  }
  return { picks, explained };
}

describe("on the reference's data", () => {
  const moments = Moments.of(data);
  const span = textSpan(moments, pool, { count: 6, rank: 8 });

  test("the picks are the reference's", () => {
    expect(span.picks).toEqual([...golden.get("textspan_picks")!.data]);
  });

  test("the reconstruction of the last row is what the reference leaves in every row", () => {
    const expected = golden.get("textspan_reconstruction")!;
    const got = spanReconstruction(data, moments.mean(), span);
    expect(largestDifference(got.data.subarray(199 * 32), expected.data.subarray(199 * 32))).toBeLessThan(1e-5);
    expect(largestDifference(got.data.subarray(0, 32), expected.data.subarray(0, 32))).toBeGreaterThan(0.1);
  });

  test("the explained variance is that of the reconstruction", () => {
    const mean = moments.mean();
    const got = spanReconstruction(data, mean, span);
    let [missed, total] = [0, 0];
    for (const [i, value] of data.data.entries()) {
      missed += (value - got.data[i]!) ** 2;
      total += (value - mean[i % 32]!) ** 2;
    }
    expect(span.explained.at(-1)).toBeCloseTo(1 - missed / total, 5);
  });

  test("the command gives picks, explained variance, and the tensor as the reference has it", async () => {
    const files = ["--data", GOLDEN, "--pool", GOLDEN];
    const words = ["textspan", ...files, "--count", "6", "--rank", "8", "--json", "--out", folder];
    const { code, stdout, stderr } = await vitrine(words);
    expect([code, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout)).toEqual({ picks: span.picks, explained: span.explained, rank: 8 });
    const written = await readAll(join(folder, "textspan.safetensors"));
    const expected = golden.get("textspan_reconstruction")!;
    expect(largestDifference(written.get("textspan_reconstruction")!.data, expected.data)).toBeLessThan(1e-5);
    const right = spanReconstruction(data, moments.mean(), span);
    expect(written.get("reconstruction")!.data).toEqual(right.data);
  });
});

test.each([3, 7, 12])("picks of rows of %d dimensions are those of the algorithm over the rows", (dimensions) => {
  const rows = rowsOf(new Random(dimensions), 60, 16, dimensions);
  // Texts in the span of the rows: the projection that comes first changes none.
  const inside = normaliseRows(rows);
  const span = textSpan(Moments.of(rows), inside, { count: dimensions });
  expect(span.rank).toBe(dimensions);
  const expected = byRows(rows, inside, dimensions);
  expect(span.picks).toEqual(expected.picks);
  for (const [i, share] of expected.explained.entries()) expect(span.explained[i]).toBeCloseTo(share, 6);
  expect(span.explained.at(-1)).toBeCloseTo(1, 6);
});

describe("rank", () => {
  const random = new Random(4);
  const rows = rowsOf(random, 200, 24, 6);
  const pool = texts(random, 80, 24);

  test("is by default what the rows have, and no more texts are picked than that", () => {
    const span = textSpan(Moments.of(rows), pool, { count: 20 });
    expect(span.rank).toBe(6);
    expect(span.picks).toHaveLength(6);
    expect(new Set(span.picks).size).toBe(6);
    expect(span.explained.at(-1)).toBeCloseTo(1, 6);
  });

  test("of fewer directions leaves the rest of the variance unexplained", () => {
    const span = textSpan(Moments.of(rows), pool, { count: 3, rank: 3 });
    expect(span.explained.at(-1)).toBeLessThan(0.999);
  });

  test("directions are orthogonal and of length 1", () => {
    const { directions } = textSpan(Moments.of(rows), pool, { count: 5 });
    for (let a = 0; a < 5; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let i = 0; i < 24; i++) sum += directions.data[a * 24 + i]! * directions.data[b * 24 + i]!;
        expect(sum).toBeCloseTo(a === b ? 1 : 0, 5);
      }
    }
  });
});

test("moments of rows in parts are those of all at once, and of the order no matter", () => {
  const rows = rowsOf(new Random(9), 50, 8, 5);
  const parts = new Moments(8);
  parts.add(rows.data.subarray(240));
  parts.add(rows.data.subarray(0, 240));
  const all = Moments.of(rows);
  expect(parts.count).toBe(50);
  for (const name of ["sum", "products"] as const)
    for (const [i, value] of all[name].entries()) expect(parts[name][i]).toBeCloseTo(value, 10);
});

test.each<[string, { count: number; rank?: number }, RegExp]>([
  ["more texts than the pool has", { count: 301 }, /301 of 300, expected a whole number from 1 to 300/],
  ["no text", { count: 0 }, /expected a whole number from 1/],
  ["rank 0", { count: 2, rank: 0 }, /no such rank: got 0, expected a whole number from 1 to 32/],
  ["a rank above the width", { count: 2, rank: 33 }, /got 33/],
])("%s is refused", (_what, options, says) => {
  expect(() => textSpan(Moments.of(data), pool, options)).toThrow(says);
});

test("one row, and texts of another width, are refused", () => {
  const one = Moments.of(floatTensor(data.data.slice(0, 32), [1, 32]));
  expect(() => textSpan(one, pool, { count: 1 })).toThrow(/too few rows or pictures/);
  expect(() => textSpan(Moments.of(data), texts(new Random(1), 5, 31), { count: 1 })).toThrow(/different widths/);
});
