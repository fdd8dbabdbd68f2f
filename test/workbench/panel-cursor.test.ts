import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellAt, moved } from "../../workbench/src/panels/grid-cursor.js";

const key = (name: string, ctrlKey = false) => ({ key: name, ctrlKey, metaKey: false, altKey: false });
const grid = { rows: 3, columns: 4 };

describe("a cursor", () => {
  it.each([
    [5, "ArrowLeft", 4],
    [5, "ArrowRight", 6],
    [5, "ArrowUp", 1],
    [5, "ArrowDown", 9],
    [4, "ArrowLeft", 4],
    [7, "ArrowRight", 7],
    [1, "ArrowUp", 1],
    [9, "ArrowDown", 9],
    [6, "Home", 4],
    [5, "End", 7],
  ])("at %d with %s is at %d", (from, name, to) => {
    expect(moved(from, key(name), grid)).toBe(to);
  });

  it("goes to the first and last cell with Ctrl", () => {
    expect(moved(5, key("Home", true), grid)).toBe(0);
    expect(moved(5, key("End", true), grid)).toBe(11);
  });

  it("leaves other keys to the page", () => {
    expect(moved(5, key("a"), grid)).toBeUndefined();
    expect(moved(5, key("ArrowLeft", true), grid)).toBeUndefined();
    expect(moved(5, { ...key("ArrowLeft"), altKey: true }, grid)).toBeUndefined();
  });

  it("never leaves the grid", () => {
    const keys = fc.array(fc.constantFrom("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), keys, (rows, columns, pressed) => {
        let at = 0;
        for (const name of pressed) at = moved(at, key(name), { rows, columns }) ?? at;
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at).toBeLessThan(rows * columns);
      }),
    );
  });
});

describe("the cell under a point", () => {
  it("is found by fractions of the box", () => {
    expect(cellAt(0, 0, grid)).toBe(0);
    expect(cellAt(0.99, 0.99, grid)).toBe(11);
    expect(cellAt(0.3, 0.4, grid)).toBe(5);
  });

  it("is none outside, or where the box has no size", () => {
    expect(cellAt(1, 0.5, grid)).toBeUndefined();
    expect(cellAt(-0.1, 0.5, grid)).toBeUndefined();
    expect(cellAt(Number.NaN, 0.5, grid)).toBeUndefined();
  });
});
