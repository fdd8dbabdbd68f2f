import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { cosine, hashUnit, sine } from "../../src/worlds/portable-math.js";
import { ROOT } from "../support/paths.js";

test("sine and cosine are within 1e-7", () => {
  fc.assert(
    fc.property(fc.double({ min: -50, max: 50, noNaN: true }), (angle) => {
      expect(Math.abs(sine(angle) - Math.sin(angle))).toBeLessThan(1e-7);
      expect(Math.abs(cosine(angle) - Math.cos(angle))).toBeLessThan(1e-7);
    }),
  );
});

test("hashes are spread evenly, along every axis and over seeds", () => {
  const grid = Array.from({ length: 10_000 }, (_, i) => [i % 100, Math.floor(i / 100)] as const);
  for (const hashes of [
    grid.map(([x, y]) => hashUnit(x, y, 1)),
    grid.map(([x, y]) => hashUnit(x, 0, y)),
    grid.map(([x, y]) => hashUnit(0, x, y)),
  ]) {
    const mean = hashes.reduce((sum, one) => sum + one, 0) / hashes.length;
    const spread = hashes.reduce((sum, one) => sum + (one - 0.5) ** 2, 0) / hashes.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.015);
    expect(Math.abs(spread - 1 / 12)).toBeLessThan(0.004);
    expect(hashes.every((one) => one >= 0 && one < 1)).toBe(true);
  }
});

test("nothing in a world calls a function whose last bits vary, or needs Node", () => {
  const folder = join(ROOT, "src/worlds");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  expect(files.length).toBeGreaterThan(15);
  for (const file of files) {
    const code = readFileSync(join(folder, file), "utf8").replace(/\/\*[^]*?\*\//g, "");
    const called = [...code.matchAll(/\bMath\.(\w+)/g)].map(([, name]) => name!);
    const exact = ["PI", "abs", "ceil", "floor", "fround", "imul", "max", "min", "round", "sign", "sqrt", "trunc"];
    expect(
      called.filter((name) => !exact.includes(name)),
      file,
    ).toEqual([]);
    expect(code, file).not.toMatch(/from "node:/);
  }
});
