import { describe, expect, it } from "vitest";
import { colourScale } from "../../workbench/src/panels/colour.js";
import { drawPatchMaps } from "../../workbench/src/panels/draw-patch-maps.js";
import {
  contourPath,
  enlarged,
  HEAT_DISPLAY,
  heated,
  overlayColours,
  strength,
} from "../../workbench/src/panels/heat-overlay.js";

const picture = { width: 4, height: 4, data: new Uint8Array(48).fill(128) };
const grid = { rows: 2, columns: 2 };
const values = new Float32Array([1, 0.2, -1, -0.2]);
const signed = colourScale(values, true);

describe("strength", () => {
  it("is the distance from 0 of signed values, from the least of others", () => {
    expect(values.map((value) => strength(signed, value))).toEqual(new Float32Array([1, 0.2, 1, 0.2]));
    expect(strength(colourScale([0, 4], false), 1)).toBe(0.25);
  });
});

describe("a picture under a map", () => {
  const pixel = (data: Uint8Array, x: number, y: number) => [...data.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3)];

  it("is red where values are above 0 and blue below", () => {
    const { data } = heated(picture, values, grid, signed, HEAT_DISPLAY);
    const [above, below] = [pixel(data, 0, 0), pixel(data, 0, 3)];
    expect(above[0]).toBeGreaterThan(above[2]!);
    expect(below[2]).toBeGreaterThan(below[0]!);
  });

  it("shows nothing below the threshold", () => {
    const bare = heated(picture, new Float32Array(4), grid, signed, HEAT_DISPLAY);
    const { data } = heated(picture, values, grid, signed, { ...HEAT_DISPLAY, threshold: 0.5 });
    expect(pixel(data, 3, 0)).toEqual(pixel(bare.data, 3, 0));
    expect(pixel(data, 0, 0)).not.toEqual(pixel(bare.data, 0, 0));
  });

  it("is enlarged pixel by pixel", () => {
    const two = enlarged({ width: 2, height: 1, data: new Uint8Array([1, 2, 3, 4, 5, 6]) }, 2);
    expect([two.width, two.height]).toEqual([4, 2]);
    const row = [1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6];
    expect([...two.data]).toEqual([...row, ...row]);
  });

  it("has a legend in the colours that are drawn", () => {
    const colour = overlayColours(signed, { ...HEAT_DISPLAY, threshold: 0.5 });
    expect(colour(0.5)).toBe(colour(0.4));
    expect(colour(0)).not.toBe(colour(1));
  });
});

describe("the outline", () => {
  it("follows the edges of patches that reach the threshold, those above and below 0 apart", () => {
    expect(contourPath(values, grid, signed, 0.5).match(/M/g)).toHaveLength(7);
    expect(contourPath(values, grid, signed, 1.1)).toBe("");
  });

  it("leaves out what is not a number", () => {
    expect(contourPath([Number.NaN], { rows: 1, columns: 1 }, signed, 0)).toBe("");
  });
});

describe("maps for export", () => {
  it("hold every picture with its name, and one legend", () => {
    const maps = ["a", "b"].map((title) => ({ title, picture, values }));
    const display = { ...HEAT_DISPLAY, contour: true, threshold: 0.5 };
    const figure = { maps, ...grid, valueName: "effect", scale: signed, display };
    const { body } = drawPatchMaps(figure, ({ width }) => `data:${width}`);
    expect(body.match(/href="data:4"/g)).toHaveLength(2);
    expect(body.match(/>effect</g)).toHaveLength(1);
    expect(body).toContain('stroke="#fff"');
  });
});
