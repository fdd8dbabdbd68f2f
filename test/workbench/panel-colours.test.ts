import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { colourOf, colourScale, contrast, inkOn, NO_VALUE, valueRange } from "../../workbench/src/panels/colour.js";

describe("scales", () => {
  it("centre signed values on 0 and leave others as they are", () => {
    expect(colourScale([-1, 3], true)).toMatchObject({ min: -3, max: 3 });
    expect(colourScale([1, 3], false)).toMatchObject({ min: 1, max: 3 });
    expect(colourScale([1, 3], false, { min: 0, max: 10 })).toMatchObject({ min: 0, max: 10 });
  });

  it("are never empty, whatever the values", () => {
    for (const values of [[], [Number.NaN], [0, 0], [Infinity]]) {
      for (const signed of [true, false]) {
        const { min, max } = colourScale(values, signed);
        expect(min).toBeLessThan(max);
      }
    }
  });

  it("skip what is not finite", () => {
    expect(valueRange([Number.NaN, 2, -Infinity, 5])).toEqual({ min: 2, max: 5 });
  });
});

describe("colours", () => {
  it("of signed values are bluer below 0 and redder above, in both themes", () => {
    const scale = colourScale([-1, 1], true);
    for (const dark of [false, true]) {
      const [below, above] = [colourOf(scale, -0.6, dark), colourOf(scale, 0.6, dark)];
      expect(below[2]).toBeGreaterThan(below[0]);
      expect(above[0]).toBeGreaterThan(above[2]);
    }
  });

  it("of 0 recede into the page: light on light, dark on dark", () => {
    const scale = colourScale([-1, 1], true);
    expect(contrast(colourOf(scale, 0, false), [255, 255, 255])).toBeLessThan(1.2);
    expect(contrast(colourOf(scale, 0, true), [30, 33, 40])).toBeLessThan(1.2);
  });

  it("of what is not a number are grey", () => {
    expect(colourOf(colourScale([0, 1], false), Number.NaN, false)).toEqual(NO_VALUE);
  });

  it("can be written on with 4.5:1", () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 1, noNaN: true }), fc.boolean(), fc.boolean(), (value, signed, dark) => {
        const ground = colourOf(colourScale([-1, 1], signed), value, dark);
        expect(contrast(ground, inkOn(ground))).toBeGreaterThan(4.5);
      }),
    );
  });
});
