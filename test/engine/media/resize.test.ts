import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { resize } from "../../../src/engine/media/resize.js";
import { fixtureBytes, noise, pillowFixtures, sourceImage } from "./fixtures.js";

describe("resize equals Pillow's resize, level for level", () => {
  const fixtures = pillowFixtures("resize");

  test("fixtures cover 17 sizes and four filters", () => {
    expect(new Set(fixtures.map((f) => [f.width, f.height, f.toWidth, f.toHeight].join())).size).toBe(17);
    expect(new Set(fixtures.map((f) => f.filter)).size).toBe(4);
  });

  test.each(
    fixtures.map((f) => [`${f.source} ${f.width}×${f.height} → ${f.toWidth}×${f.toHeight} ${f.filter}`, f] as const),
  )("%s", (_, fixture) => {
    const got = resize(sourceImage(fixture), fixture.toWidth, fixture.toHeight, fixture.filter);
    expect([got.width, got.height]).toEqual([fixture.toWidth, fixture.toHeight]);
    expect(got.data).toEqual(fixtureBytes(fixture));
  });
});

test("a flat image stays flat under every filter and size", () => {
  const side = fc.integer({ min: 1, max: 40 });
  const filter = fc.constantFrom("box", "bilinear", "bicubic", "lanczos");
  fc.assert(
    fc.property(side, side, side, side, filter, fc.integer({ min: 0, max: 255 }), (w, h, toW, toH, name, level) => {
      const flat = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(level) };
      expect(new Set(resize(flat, toW, toH, name).data)).toEqual(new Set([level]));
    }),
    { seed: 11, numRuns: 200 },
  );
});

test("the source is left as it was", () => {
  const image = noise(30, 20, 1);
  const before = Uint8Array.from(image.data);
  resize(image, 7, 9, "bicubic");
  expect(image.data).toEqual(before);
});

test.each([0, -1, 1.5, Number.NaN])("size %s is refused", (size) => {
  expect(() => resize(noise(4, 4, 1), size, 4, "box")).toThrow(UsageError);
  expect(() => resize(noise(4, 4, 1), 4, size, "box")).toThrow(UsageError);
});
