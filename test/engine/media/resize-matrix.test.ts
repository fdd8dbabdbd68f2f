import { expect, test } from "vitest";
import { resizeMatrix } from "../../../src/engine/media/resize-matrix.js";
import { UsageError } from "../../../src/engine/errors.js";
import { fixtureFloats, pillowFixtures } from "./fixtures.js";

test.each(pillowFixtures("matrix").map((f) => [`${f.width} → ${f.toWidth} ${f.filter}`, f] as const))(
  "%s equals torch's antialiased interpolate",
  (_, fixture) => {
    // torch computes the weights in float32.
    const expected = fixtureFloats(fixture);
    const got = resizeMatrix(fixture.width, fixture.toWidth, fixture.filter);
    expect(got.length).toBe(expected.length);
    for (const [i, value] of got.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(2e-6);
  },
);

test("each output is an average of inputs", () => {
  const matrix = resizeMatrix(14, 24, "bicubic");
  for (let row = 0; row < 24; row++) {
    expect(matrix.subarray(row * 14, row * 14 + 14).reduce((a, b) => a + b)).toBeCloseTo(1, 6);
  }
});

test("sizes below 1 are refused", () => {
  expect(() => resizeMatrix(0, 3, "box")).toThrow(UsageError);
  expect(() => resizeMatrix(3, 1.5, "box")).toThrow(UsageError);
});
