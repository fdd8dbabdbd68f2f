/** What glyphs look like, and what they depend on. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import {
  drawGlyph,
  type Glyph,
  GLYPH_CLASSES,
  glyphAt,
  glyphRows,
  glyphStyles,
  Random,
  sampleGlyph,
} from "../../../src/worlds/glyphs/index.js";
import { GLYPH_DIGEST } from "./digest.js";

const anyGlyph: fc.Arbitrary<Glyph> = fc
  .integer({ min: 0, max: 2 ** 32 - 1 })
  .map((seed) => sampleGlyph(new Random(seed)));
const DIGITS = GLYPH_CLASSES.slice(0, 10);
const inkOf = (pixels: Float32Array): number => pixels.reduce((sum, value) => sum + (value + 1) / 2, 0);

/** Centre of the ink and its second moments, in pixels. */
function moments(pixels: Float32Array, size: number): { x: number; y: number; xy: number; yy: number } {
  const ink = inkOf(pixels);
  const mean = (of: (x: number, y: number) => number): number =>
    pixels.reduce((sum, value, i) => sum + ((value + 1) / 2) * of((i % size) + 0.5, Math.floor(i / size) + 0.5), 0) /
    ink;
  const [x, y] = [mean((px) => px), mean((_, py) => py)];
  return { x, y, xy: mean((px, py) => (px - x) * (py - y)), yy: mean((_, py) => (py - y) ** 2) };
}

test("there are ten digits and 26 capital letters, each written in several ways", () => {
  expect(GLYPH_CLASSES.join("")).toBe("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  for (const name of GLYPH_CLASSES) {
    const styles = glyphStyles(name);
    expect(styles.length).toBeGreaterThanOrEqual(2);
    expect(new Set(styles).size).toBe(styles.length);
    for (const style of styles) expect(inkOf(drawGlyph({ ...glyphAt(1, 0), class: name, style }))).toBeGreaterThan(20);
  }
});

test("the bytes of a seed never change", () => {
  const { seed, rows, size, sha256 } = GLYPH_DIGEST;
  const { pixels, labels } = glyphRows({ seed, first: 0, count: rows, size });
  const hash = createHash("sha256").update(new Uint8Array(pixels.buffer)).update(new Uint8Array(labels.buffer));
  expect(hash.digest("hex")).toBe(sha256);
});

test("a row is the same whichever others are asked for", () => {
  const all = glyphRows({ seed: 3, first: 0, count: 40, size: 20 });
  fc.assert(
    fc.property(fc.nat(30), fc.nat(9), (first, count) => {
      const some = glyphRows({ seed: 3, first, count, size: 20 });
      expect(some.pixels).toEqual(all.pixels.slice(first * 400, (first + count) * 400));
      expect(some.labels).toEqual(all.labels.slice(first, first + count));
    }),
  );
  expect(glyphRows({ seed: 4, first: 0, count: 40, size: 20 }).pixels).not.toEqual(all.pixels);
});

test("labels are places in the classes asked for, drawn evenly", () => {
  const classes = ["7", "K", "0"];
  const { labels } = glyphRows({ seed: 1, first: 0, count: 3000, size: 8, classes });
  const counts = classes.map((_, place) => labels.filter((label) => label === place).length);
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(130);
  labels.slice(0, 50).forEach((label, i) => {
    expect(glyphAt(1, i, { classes }).class).toBe(classes[label]);
  });
});

test("numbers lie from -1 to 1, ink is bright and away from the edge", () => {
  fc.assert(
    fc.property(anyGlyph, fc.integer({ min: 12, max: 64 }), (glyph, size) => {
      const pixels = drawGlyph(glyph, size);
      expect(pixels).toHaveLength(size * size);
      for (const value of pixels) if (!(value >= -1 && value <= 1)) throw new Error(String(value));
      expect(Math.max(...pixels)).toBeGreaterThan(0.3);
      expect(pixels[0]).toBe(-1);
      expect(pixels.at(-1)).toBe(-1);
    }),
  );
});

test("the truth is what is seen: thickness, slant and place", () => {
  const bar: Glyph = { ...glyphAt(1, 0), class: "1", style: "bar", rotation: 0, wobble: 0, tremor: 0, warp: 0, ink: 1 };
  const plain = { ...bar, pressure: 0, taper: 0, x: 0, y: 0, scale: 0.7 };
  for (const thickness of [1.5, 2.5, 4]) {
    const pixels = drawGlyph({ ...plain, slant: 0, thickness }, 56);
    const middle = pixels.slice(28 * 56, 29 * 56);
    expect(inkOf(middle) / 2).toBeCloseTo(thickness, 4);
  }
  for (const slant of [-0.4, 0, 0.5]) {
    // The caps of the bar do not lean.
    const { xy, yy, x, y } = moments(drawGlyph({ ...plain, slant, thickness: 2 }, 56), 56);
    expect(Math.abs(Math.atan(-xy / yy) - slant)).toBeLessThan(0.01);
    expect(Math.hypot(x - 28, y - 28)).toBeLessThan(0.2);
  }
  const moved = moments(drawGlyph({ ...plain, slant: 0, x: 0.04, y: -0.03 }, 56), 56);
  expect(moved.x - 28).toBeCloseTo(0.04 * 56, 1);
  expect(moved.y - 28).toBeCloseTo(-0.03 * 56, 1);
});

test("a parameter changes what it names, and nothing else", () => {
  fc.assert(
    fc.property(anyGlyph, (glyph) => {
      const fine = moments(drawGlyph({ ...glyph, tremor: 0, thickness: 2 }, 40), 40);
      const broad = moments(drawGlyph({ ...glyph, tremor: 0, thickness: 3 }, 40), 40);
      expect(Math.hypot(fine.x - broad.x, fine.y - broad.y)).toBeLessThan(1);
      expect(inkOf(drawGlyph({ ...glyph, thickness: 3 }))).toBeGreaterThan(
        1.1 * inkOf(drawGlyph({ ...glyph, thickness: 2 })),
      );
      const dim = drawGlyph({ ...glyph, ink: 0.5 });
      const bright = drawGlyph({ ...glyph, ink: 1 });
      dim.forEach((value, i) => {
        if (Math.abs(2 * (value + 1) - (bright[i]! + 1)) > 1e-5) throw new Error(`pixel ${i}`);
      });
    }),
    { numRuns: 40 },
  );
});

test("the picture of a larger size is the same picture", () => {
  for (let i = 0; i < 20; i++) {
    const glyph = { ...glyphAt(5, i), softness: 2, thickness: 4 };
    const [small, large] = [drawGlyph(glyph, 28), drawGlyph(glyph, 84)];
    const difference = small.reduce((sum, value, at) => {
      const [x, y] = [3 * (at % 28), 3 * Math.floor(at / 28)];
      let mean = 0;
      for (let k = 0; k < 9; k++) mean += large[(y + Math.floor(k / 3)) * 84 + x + (k % 3)]! / 9;
      return sum + Math.abs(mean - value);
    }, 0);
    expect(difference / 784).toBeLessThan(0.02);
  }
});

test("digits are varied, and yet they can be told apart", { timeout: 20_000 }, () => {
  const { pixels, labels } = glyphRows({ seed: 9, first: 0, count: 3300, size: 28, classes: DIGITS });
  const row = (i: number): Float32Array => pixels.subarray(i * 784, (i + 1) * 784);
  const nearest = (i: number, among: readonly number[]): { at: number; distance: number } =>
    among.reduce(
      (best, at) => {
        const [a, b] = [row(i), row(at)];
        let sum = 0;
        for (let k = 0; k < 784 && sum < best.distance; k++) sum += (a[k]! - b[k]!) ** 2;
        return sum < best.distance ? { at, distance: sum } : best;
      },
      { at: -1, distance: Infinity },
    );
  const known = Array.from({ length: 3000 }, (_, i) => i);
  const asked = Array.from({ length: 300 }, (_, i) => 3000 + i);
  const told = asked.filter((i) => labels[nearest(i, known).at] === labels[i]).length;
  expect(told / 300).toBeGreaterThan(0.8);
  // Summed over pixels from 0 to 1, MNIST's variance within a class is 41.2 (docs/glyphs.md).
  const variances = DIGITS.map((_, label) => {
    const own = known.filter((i) => labels[i] === label);
    let sum = 0;
    for (let k = 0; k < 784; k++) {
      const mean = own.reduce((total, i) => total + row(i)[k]!, 0) / own.length;
      sum += own.reduce((total, i) => total + (row(i)[k]! - mean) ** 2, 0) / own.length / 4;
    }
    return sum;
  });
  expect(variances.reduce((a, b) => a + b) / 10).toBeGreaterThan(41.2);
});

test.each([[["8", "a"]], [[]], [[""]]])("refuses the classes %j", (classes) => {
  expect(() => sampleGlyph(new Random(1), { classes })).toThrow(UsageError);
});

test("refuses sizes and styles that there are not", () => {
  for (const size of [7, 28.5, 5000, NaN]) expect(() => drawGlyph(glyphAt(1, 1), size)).toThrow(/no picture has this/);
  expect(() => drawGlyph({ ...glyphAt(1, 1), class: "1", style: "gothic" })).toThrow(/"1", "gothic", expected "bar"/);
  expect(() => drawGlyph({ ...glyphAt(1, 1), class: "ß" })).toThrow(UsageError);
  expect(() => glyphRows({ seed: 1, first: 0, count: 1, size: 5 })).toThrow(UsageError);
});
