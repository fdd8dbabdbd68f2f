/** What the room Project does without a page: ink on pictures, keys, links, tables. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readOrigin, writeOrigin } from "../../workbench/src/rooms/project/origin.js";
import { begun, drawn, type Form, inked, type Point } from "../../workbench/src/rooms/project/paint.js";
import { base64, judged, levelsOf, pictureOf, pixelTable } from "../../workbench/src/rooms/project/view.js";

const FORM: Form = { size: 12, channels: 1 };
const empty = new Uint8Array(144);
const place = fc.record({
  x: fc.double({ min: -4, max: 16, noNaN: true }),
  y: fc.double({ min: -4, max: 16, noNaN: true }),
});
const path = fc.array(place, { minLength: 1, maxLength: 6 });
const lined = (points: readonly Point[], radius: number, ink = [255], under = empty): Uint8Array => {
  const [first, ...rest] = points;
  return inked(rest.reduce((stroke, to) => drawn(stroke, FORM, to), begun(under, FORM, first!, radius, ink)));
};

describe("ink", () => {
  test("covers what lies within the brush wholly, and nothing beyond its edge", () => {
    fc.assert(
      fc.property(path, fc.double({ min: 0.5, max: 4, noNaN: true }), (points, radius) => {
        const levels = lined(points, radius);
        levels.forEach((level, i) => {
          const [x, y] = [(i % 12) + 0.5, Math.floor(i / 12) + 0.5];
          const nearest = Math.min(...points.map((point) => Math.hypot(point.x - x, point.y - y)));
          if (nearest <= radius - 0.5) expect(level).toBe(255);
          if (points.length === 1 && nearest >= radius + 0.5) expect(level).toBe(0);
        });
      }),
    );
  });

  test("is as thick where a stroke passes twice, and the same however finely the pointer tells its way", () => {
    const [from, to] = [
      { x: 2.2, y: 3.1 },
      { x: 9.4, y: 8.7 },
    ];
    const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    const once = lined([from, to], 1.25);
    expect(lined([from, to, from], 1.25)).toEqual(once);
    expect(lined([from, middle, to], 1.25)).toEqual(once);
  });

  test("lies on what was there, in each channel, and leaves that as it was", () => {
    const form = { size: 2, channels: 3 };
    const under = new Uint8Array(12).fill(100);
    const stroke = begun(under, form, { x: 0.5, y: 0.5 }, 0.5, [200, 0, 100]);
    expect([...inked(stroke).slice(0, 3)]).toEqual([200, 0, 100]);
    expect([...inked(stroke).slice(9)]).toEqual([100, 100, 100]);
    expect(under.every((level) => level === 100)).toBe(true);
  });
});

test("what a picture comes from goes into a link and out of it; what makes no sense does not", () => {
  for (const origin of [
    { kind: "world", seed: 7 },
    { kind: "blank" },
    { kind: "sample", seed: 1, number: 5, steps: 2 },
  ] as const) {
    expect(readOrigin(writeOrigin(origin))).toEqual(origin);
  }
  expect(writeOrigin({ kind: "mixture" })).toBeUndefined();
  for (const text of [
    undefined,
    "",
    "world",
    "world.-1",
    "world.x",
    "sample.1.64.1",
    "sample.1",
    "photo",
    "world.4294967296",
  ]) {
    expect(readOrigin(text), String(text)).toBeUndefined();
  }
});

test("levels and tensors are each other's inverse", () => {
  const form = { size: 2, channels: 3 };
  const levels = Uint8Array.from({ length: 12 }, (_, i) => 20 * i);
  const data = Float32Array.from({ length: 12 }, (_, i) => levels[3 * (i % 4) + Math.floor(i / 4)]! / 127.5 - 1);
  expect(levelsOf({ shape: [1, 3, 2, 2], data }, 0, form)).toEqual(levels);
  expect(pictureOf(levels, form).data).toEqual(levels);
  expect(pictureOf(new Uint8Array([7, 9, 1, 2]), { size: 2, channels: 1 }).data.slice(0, 6)).toEqual(
    new Uint8Array([7, 7, 7, 9, 9, 9]),
  );
  expect(Buffer.from(base64(levels), "base64")).toEqual(Buffer.from(levels));
});

test("the table has each pixel in each channel", () => {
  const tensor = (shape: number[], data: number[]) => ({
    dtype: "float32" as const,
    shape,
    data: Float32Array.from(data),
  });
  const result = {
    given: tensor([1, 3, 1, 1], [0, 0.5, 1]),
    results: tensor([2, 3, 1, 1], [0.25, 0.5, 0, 0.5, 0.5, 0.5]),
    drift: tensor([1, 1], [1.25 / 3]),
    moves: [1, 1],
  };
  expect(pixelTable(result, { size: 1, channels: 3 }).rows).toEqual([
    [1, 1, "red", 0, 0.25, 0.5, 0.25],
    [1, 1, "green", 0.5, 0.5, 0.5, 0],
    [1, 1, "blue", 1, 0, 0.5, 1],
  ]);
});

test("drift is judged by what is known of the model's world", () => {
  const known = { median: 0.08, most: 0.12 };
  expect(judged(0.12, known)).toContain("as it moves pictures of its world");
  expect(judged(0.2, known)).toContain("more than 95%");
  expect(judged(0.3, known)).toContain("foreign");
  expect(judged(0.3, undefined)).toBe("f moves it by 0.300.");
});
