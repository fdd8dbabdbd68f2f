import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { overlayHeatmap } from "../../../src/engine/media/heatmap.js";
import { type RgbImage } from "../../../src/engine/media/image.js";
import { waves } from "./fixtures.js";

const photo = waves(32, 32);
const BARE = overlayHeatmap(photo, new Float32Array(4), 2, 2, { opacity: 0 });

describe("overlayHeatmap", () => {
  test("signed values: zero shows the muted photo, positive is warm, negative cold", () => {
    const out = overlayHeatmap(photo, Float32Array.of(1, 0, 0, -1), 2, 2, { upsampling: "nearest" });
    expect(tint(out, 8, 8) - tint(BARE, 8, 8)).toBeGreaterThan(60);
    expect(pixel(out, 24, 8)).toEqual(pixel(BARE, 24, 8));
    expect(tint(out, 24, 24) - tint(BARE, 24, 24)).toBeLessThan(-60);
  });

  test("a signed map is centred on 0 even where the values lean one way", () => {
    const values = Float32Array.of(3, 0, 0, -0.1);
    const out = overlayHeatmap(photo, values, 2, 2, { upsampling: "nearest", range: { min: -0.1, max: 3 } });
    expect(pixel(out, 24, 8)).toEqual(pixel(BARE, 24, 8));
  });

  test("stronger values cover more of the photo; constant fade covers all alike", () => {
    const values = Float32Array.of(0, 1 / 3, 2 / 3, 1);
    const contrast = (image: RgbImage, qx: number, qy: number): number => {
      const levels = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => pixel(image, qx + i, qy + i)[1]!);
      return Math.max(...levels) - Math.min(...levels);
    };
    const faded = overlayHeatmap(photo, values, 2, 2, { upsampling: "nearest" });
    const [zero, third, twoThirds, full] = [[4, 4], [20, 4], [4, 20], [20, 20]].map(([x, y]) => contrast(faded, x!, y!) / contrast(BARE, x!, y!)); // prettier-ignore
    expect(zero).toBe(1);
    expect(third).toBeLessThan(0.8);
    expect(twoThirds).toBeLessThan(third!);
    expect(full).toBeLessThan(0.3);
    expect(full).toBeGreaterThan(0.1);
    const constant = overlayHeatmap(photo, values, 2, 2, { upsampling: "nearest", fade: "constant" });
    expect(contrast(constant, 4, 4) / contrast(BARE, 4, 4)).toBeLessThan(0.3);
  });

  test.each([[[0, 0, 0, 0]], [[5, 5, 5, 5]], [[-2, -2, -2, -2]], [[NaN, NaN, NaN, NaN]], [[NaN, -1, Infinity, 2]]])(
    "values %j still give a picture",
    (values) => {
      const out = overlayHeatmap(photo, Float32Array.from(values), 2, 2);
      expect([out.width, out.height, out.data.length]).toEqual([32, 32, 32 * 32 * 3]);
    },
  );

  test("unusable options are refused", () => {
    const values = new Float32Array(4);
    expect(() => overlayHeatmap(photo, values, 2, 3)).toThrow("got 4 values, expected 2×3 = 6");
    expect(() => overlayHeatmap(photo, values, 2, 2, { opacity: 1.5 })).toThrow(UsageError);
    expect(() => overlayHeatmap(photo, values, 2, 2, { range: { min: 1, max: 0 } })).toThrow(UsageError);
  });
});

function pixel({ width, data }: RgbImage, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
}

/** Red over blue: warm is positive. */
function tint(image: RgbImage, x: number, y: number): number {
  const [red, , blue] = pixel(image, x, y);
  return red! - blue!;
}
