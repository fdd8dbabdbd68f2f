import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { colourise, type ColourMap, colourTable } from "../../../src/engine/media/colour-maps.js";
import { upsample } from "../../../src/engine/media/upsample.js";
import { fixtureFloats, noise, pillowFixtures } from "./fixtures.js";

const SEQUENTIAL: ColourMap[] = ["viridis", "magma", "inferno", "plasma", "cividis"];
const DIVERGING: ColourMap[] = ["blue-red", "purple-green"];

describe("colour maps", () => {
  test("viridis and magma end on their published colours", () => {
    expect(ends("viridis")).toEqual([[0x44, 0x01, 0x54], [0xfd, 0xe7, 0x25]]); // prettier-ignore
    expect(ends("magma")).toEqual([[0, 0, 4], [0xfc, 0xfd, 0xbf]]); // prettier-ignore
  });

  test.each(SEQUENTIAL)("%s grows lighter all the way", (map) => {
    const lightness = Array.from({ length: 256 }, (_, i) => lstar(colour(map, i)));
    for (let i = 8; i < 256; i += 8) expect(lightness[i]! - lightness[i - 8]!).toBeGreaterThan(0);
    expect(lightness[255]! - lightness[0]!).toBeGreaterThan(50);
  });

  test.each(DIVERGING)("%s is neutral and lightest in the middle, about equally dark on both sides", (map) => {
    const [r, g, b] = colour(map, 128) as [number, number, number];
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThanOrEqual(4);
    expect(lstar([r, g, b])).toBeGreaterThan(94);
    for (const step of [40, 80, 127]) {
      const [below, above] = [lstar(colour(map, 128 - step)), lstar(colour(map, 128 + step))];
      expect(Math.abs(below - above)).toBeLessThan(12);
      expect(Math.max(below, above)).toBeLessThan(lstar([r, g, b]));
    }
  });

  test("the named order holds: blue below zero and red above, purple below and green above", () => {
    const [blue, red] = [colour("blue-red", 40), colour("blue-red", 216)];
    expect(blue[2]! - blue[0]!).toBeGreaterThan(50);
    expect(red[0]! - red[2]!).toBeGreaterThan(50);
    const [purple, green] = [colour("purple-green", 40), colour("purple-green", 216)];
    expect(purple[2]! - purple[1]!).toBeGreaterThan(50);
    expect(green[1]! - green[2]!).toBeGreaterThan(50);
  });
});

describe("colourise", () => {
  test("ends, middle, beyond, and not a number", () => {
    const bytes = colourise(Float32Array.of(-1, 0, 1, 7, -Infinity, NaN), "blue-red", { min: -1, max: 1 });
    const [low, middle, high, beyond, least, nan] = [0, 1, 2, 3, 4, 5].map((i) => [
      ...bytes.subarray(i * 3, i * 3 + 3),
    ]);
    expect([low, middle, high]).toEqual([colour("blue-red", 1), colour("blue-red", 128), colour("blue-red", 255)]);
    expect([beyond, least, nan]).toEqual([high, low, [128, 128, 128]]);
  });

  test.each([[1, 1], [2, 1], [NaN, 1], [0, Infinity]])("range %s to %s is refused", (min, max) => {
    expect(() => colourise(new Float32Array(1), "magma", { min, max })).toThrow(UsageError);
  }); // prettier-ignore
});

describe("upsample equals torch's interpolate", () => {
  test.each(
    pillowFixtures("upsample").map(
      (f) => [`${f.height}×${f.width} → ${f.toHeight}×${f.toWidth} ${f.mode}`, f] as const,
    ),
  )("%s", (_, fixture) => {
    const red = noise(fixture.width, fixture.height, 5).data.filter((_, i) => i % 3 === 0);
    const values = Float32Array.from(red, (level) => level / 16 - 8);
    const expected = fixtureFloats(fixture);
    const got = upsample(values, fixture, { width: fixture.toWidth, height: fixture.toHeight }, fixture.mode);
    expect(got.length).toBe(expected.length);
    for (const [i, value] of got.entries()) expect(Math.abs(value - expected[i]!)).toBeLessThan(4e-6);
  });

  test("a grid that the values do not fill is refused", () => {
    const small = { width: 2, height: 2 };
    expect(() => upsample(new Float32Array(3), small, small, "nearest")).toThrow("got 3 values, expected 2×2 = 4");
    expect(() => upsample(new Float32Array(4), small, { width: 0, height: 1 }, "nearest")).toThrow(UsageError);
  });
});

function colour(map: ColourMap, i: number): number[] {
  return [...colourTable(map).subarray(i * 3, i * 3 + 3)];
}

function ends(map: ColourMap): number[][] {
  return [colour(map, 0), colour(map, 255)];
}

/** CIE 1976 lightness, 0 to 100. */
function lstar(rgb: number[]): number {
  const [r, g, b] = rgb.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  const y = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}
