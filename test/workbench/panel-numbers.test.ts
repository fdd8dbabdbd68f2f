import { describe, expect, it } from "vitest";
import { alike, readable } from "../../workbench/src/panels/numbers.js";

describe("readable", () => {
  it.each([
    [0, "0"],
    [0.12345, "0.123"],
    [-0.012345, "−0.0123"],
    [12.345, "12.3"],
    [1234.5, "1235"],
    [12, "12"],
    [1_234, "1,234"],
    [0.000012345, "1.23e−5"],
    [-2.5e7, "−2.50e+7"],
    [Number.NaN, "no value"],
    [-Infinity, "−∞"],
  ])("%d as %s", (value, text) => {
    expect(readable(value)).toBe(text);
  });
});

describe("alike", () => {
  it("gives all values the decimals of the largest", () => {
    expect([0.5, -0.001, 0.04].map(alike(0.5))).toEqual(["0.500", "−0.001", "0.040"]);
    expect([0.5, -0.001].map(alike(0.5, 2))).toEqual(["0.50", "0"]);
  });

  it("writes each for itself where decimals would not do", () => {
    expect(alike(1e-5)(1e-5)).toBe("1.00e−5");
  });
});
