import { expect, test } from "vitest";
import { proportion } from "../../../src/engine/tensor/proportion.js";

/** The last four are of Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3. */
test.each([
  [5, 10, 0.2366, 0.7634],
  [10, 10, 0.7225, 1],
  [0, 10, 0, 0.2775],
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])("%d hits of %d", (right, count, low, high) => {
  // Spread over the whole, so that only their number can matter.
  const hits = Array.from({ length: count }, (_, i) => (i * 7919) % count < right);
  const found = proportion(hits);
  expect(found).toMatchObject({ share: right / count, count });
  expect(found.low).toBeCloseTo(low, 4);
  expect(found.high).toBeCloseTo(high, 4);
});

test("hits and misses mirror one another, and more of the same narrows the interval", () => {
  const hits = Array.from({ length: 40 }, (_, i) => i % 5 === 0);
  const [one, mirrored, tenfold] = [hits, hits.map((hit) => !hit), Array<boolean[]>(10).fill(hits).flat()].map(
    proportion,
  );
  expect(mirrored!.low).toBeCloseTo(1 - one!.high, 12);
  expect(mirrored!.high).toBeCloseTo(1 - one!.low, 12);
  expect(tenfold!.share).toBe(one!.share);
  expect(tenfold!.high - tenfold!.low).toBeLessThan(0.4 * (one!.high - one!.low));
});
