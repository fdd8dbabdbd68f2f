import { describe, expect, test } from "vitest";
import { type RgbImage, rgbImage } from "../../../src/engine/media/image.js";
import { alignMask } from "../../../src/methods/decompose/segmentation-mask.js";
import type { ClipParts } from "../../../src/models/clip/clip.js";
import { fitImage, OPENAI_PREPROCESSING, type Preprocessing } from "../../../src/models/clip/preprocess.js";

/** Rows of characters as a picture: a space is black. */
function drawn(rows: readonly string[], colour = [255, 255, 255]): RgbImage {
  const pixels = rows.flatMap((row) => Array.from(row).flatMap((one) => (one === " " ? [0, 0, 0] : colour)));
  return rgbImage(rows[0]!.length, rows.length, Uint8Array.from(pixels));
}

const seenBy = (imageSize: number, more: Partial<Preprocessing> = {}): Pick<ClipParts, "vision" | "preprocessing"> => ({
  vision: { imageSize } as ClipParts["vision"],
  preprocessing: { ...OPENAI_PREPROCESSING, ...more },
});

const shown = (mask: Uint8Array, size: number): string[] =>
  Array.from({ length: size }, (_, y) =>
    Array.from(mask.subarray(y * size, (y + 1) * size), (one) => (one === 1 ? "#" : " ")).join(""),
  );

const WIDE = ["#   ##  ", "#   #   ", "#    #  ", "########"];

describe("a mask twice as wide as high", () => {
  test("aligned, is cut as its picture is", () => {
    const mask = alignMask(drawn(WIDE), seenBy(4), "aligned", "mask.png");
    expect(shown(mask, 4)).toEqual(["  ##", "  # ", "   #", "####"]);
  });

  test("for the reference, is squashed", () => {
    const mask = alignMask(drawn(WIDE), seenBy(4), "reference", "mask.png");
    // Columns 1, 3, 5 and 7.
    expect(shown(mask, 4)).toEqual(["  # ", "    ", "  # ", "####"]);
  });

  test("aligned, is squashed where the model's pictures are", () => {
    const [squash, crop] = [seenBy(4, { fit: "squash" }), seenBy(4)];
    expect(alignMask(drawn(WIDE), squash, "aligned", "")).toEqual(alignMask(drawn(WIDE), crop, "reference", ""));
  });
});

test("an aligned mask lies on its picture, whatever the sizes", () => {
  for (const [width, height, more] of [
    [50, 37, {}],
    [41, 97, {}],
    [64, 33, { resizeTo: 28 }],
  ] as const) {
    const parts = seenBy(24, more);
    const picture = drawn(
      Array.from({ length: height }, (_, y) =>
        Array.from({ length: width }, (_, x) =>
          (x - width * 0.6) ** 2 + (y - height * 0.45) ** 2 < 140 ? "#" : " ",
        ).join(""),
      ),
    );
    const mask = alignMask(picture, parts, "aligned", "");
    const seen = fitImage(picture, 24, parts.preprocessing).data;
    const wrong = mask.filter((one, i) => (seen[i * 3]! > 250 && one === 0) || (seen[i * 3]! < 5 && one === 1));
    expect(mask.filter(Boolean).length).toBeGreaterThan(30);
    expect(wrong).toHaveLength(0);
  }
});

test("any one colour means foreground; without any, there is none", () => {
  const red = alignMask(drawn(WIDE, [1, 0, 0]), seenBy(4), "aligned", "");
  expect(red).toEqual(alignMask(drawn(WIDE), seenBy(4), "aligned", ""));
  expect(alignMask(drawn(["    ", "    "]), seenBy(4), "aligned", "").every((one) => one === 0)).toBe(true);
  expect(alignMask(drawn(["##", "##"]), seenBy(4), "aligned", "").every((one) => one === 1)).toBe(true);
});

test("a picture of more colours is no mask", () => {
  const photo = drawn(WIDE);
  photo.data.set([254, 255, 255], (2 * 8 + 5) * 3);
  expect(() => alignMask(photo, seenBy(4), "aligned", "cat.png")).toThrow(
    /not a mask: cat\.png: got colours #ffffff and #feffff at column 5, row 2/,
  );
});
