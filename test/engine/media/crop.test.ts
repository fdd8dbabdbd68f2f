import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { centerCrop, resizeShorterSide } from "../../../src/engine/media/crop.js";
import { toPixels } from "../../../src/engine/media/pixels.js";
import { fixtureBytes, fixtureFloats, noise, pillowFixtures, sourceImage } from "./fixtures.js";

const OPENAI = {
  mean: [0.48145466, 0.4578275, 0.40821073],
  std: [0.26862954, 0.26130258, 0.27577711],
} as const;

describe("CLIP's transform equals torchvision's on Pillow", () => {
  test.each(pillowFixtures("clip").map((f) => [`${f.width}×${f.height} → ${f.size}`, f] as const))(
    "%s: normalised input, bit for bit",
    (_, fixture) => {
      const square = centerCrop(resizeShorterSide(sourceImage(fixture), fixture.size, "bicubic"), fixture.size);
      const pixels = toPixels([square], OPENAI);
      expect(pixels.shape).toEqual([1, 3, fixture.size, fixture.size]);
      expect(pixels.data).toEqual(fixtureFloats(fixture));
    },
  );

  test.each(pillowFixtures("clip-digest").map((f) => [`${f.width}×${f.height} → ${f.size}`, f] as const))(
    "%s: cropped image",
    (_, fixture) => {
      const square = centerCrop(resizeShorterSide(sourceImage(fixture), fixture.size, "bicubic"), fixture.size);
      expect(createHash("sha256").update(square.data).digest("hex")).toBe(fixture.sha256);
    },
  );
});

describe("centerCrop equals torchvision's", () => {
  test.each(pillowFixtures("crop").map((f) => [`${f.width}×${f.height} → ${f.size}`, f] as const))(
    "%s",
    (_, fixture) => {
      expect(centerCrop(sourceImage(fixture), fixture.size).data).toEqual(fixtureBytes(fixture));
    },
  );
});

test("the longer side is cut, not rounded", () => {
  const { width, height } = resizeShorterSide(noise(301, 200, 3), 224, "bilinear");
  expect([width, height]).toEqual([337, 224]);
});

test("a batch keeps its order, channels first", () => {
  const [a, b] = [noise(2, 3, 1), noise(2, 3, 2)];
  const identity = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const { data, shape } = toPixels([a, b], identity);
  expect(shape).toEqual([2, 3, 3, 2]);
  expect(data[0]).toBe(Math.fround(a.data[0]! / 255));
  expect(data[6]).toBe(Math.fround(a.data[1]! / 255));
  expect(data[18 + 12 + 5]).toBe(Math.fround(b.data[5 * 3 + 2]! / 255));
});

test("unusable input is refused", () => {
  expect(() => toPixels([], OPENAI)).toThrow(UsageError);
  expect(() => toPixels([noise(2, 2, 1), noise(2, 3, 1)], OPENAI)).toThrow("got 2×3 at position 1, expected 2×2");
  expect(() => toPixels([noise(2, 2, 1)], { ...OPENAI, std: [0, 1, 1] })).toThrow(UsageError);
  expect(() => centerCrop(noise(2, 2, 1), 0)).toThrow(UsageError);
  expect(() => resizeShorterSide(noise(2, 2, 1), 2.5, "box")).toThrow(UsageError);
});
