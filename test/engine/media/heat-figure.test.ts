import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { colourTable } from "../../../src/engine/media/colour-maps.js";
import { heatFigure, type HeatFigure } from "../../../src/engine/media/heat-figure.js";

const FIGURE: HeatFigure = {
  title: "Shares <of> “a & b”",
  notes: ["a note"],
  panels: [
    { title: "one", values: [1, -2, 0, NaN] },
    { title: "two", values: [0.5, 0, 0, 0] },
  ],
  rows: ["0", "1"],
  columns: ["a", "b"],
  rowAxis: "layer",
  columnAxis: "letter",
  scale: "share",
};
const fills = (svg: string): string[] =>
  [...svg.matchAll(/class="cell"[^>]* fill="(#\w+)"/g)].map((match) => match[1]!);
const hex = (entry: number): string =>
  `#${Buffer.from(colourTable("blue-red").subarray(3 * entry, 3 * entry + 3)).toString("hex")}`;

describe("heatFigure", () => {
  test("colours all panels on one scale that is centred on 0", () => {
    const [a, b, c, d, ...two] = fills(heatFigure(FIGURE));
    expect([a, b, c, d]).toEqual([hex(128 + 64), hex(1), hex(128), "#808080"]);
    expect(two).toEqual([hex(128 + 32), hex(128), hex(128), hex(128)]);
    expect(fills(heatFigure({ ...FIGURE, reach: 4 }))[1]).toBe(hex(128 - 63));
  });

  test("says what is what, and escapes it", () => {
    const svg = heatFigure(FIGURE);
    for (const text of ["layer", "letter", "share", "one", "two", "a note", "Shares &#60;of&#62; “a &#38; b”"]) {
      expect(svg).toContain(`>${text}</text>`);
    }
    expect(svg).toContain("<title>layer 0, letter b: −2.000</title>");
    expect(svg).toMatch(/>\+2\.0<.*>0<.*>−2\.0</s);
    expect(svg).toContain("<title>layer 1, letter b: not a number</title>");
    expect(svg).not.toContain("NaN");
  });

  test("leaves out names of rows and columns that there is no room for", () => {
    const names = Array.from({ length: 200 }, (_, i) => String(i));
    const svg = heatFigure({ ...FIGURE, panels: [{ title: "", values: new Float32Array(400) }], columns: names });
    expect(svg.match(/class="soft middle"/g)).toHaveLength(40);
    const words = heatFigure({ ...FIGURE, columns: ["a mushroom", "a heart"] });
    expect(words.match(/rotate\(-45\)/g)).toHaveLength(4);
  });

  test("of nothing but zeros is neutral", () => {
    expect(new Set(fills(heatFigure({ ...FIGURE, panels: [{ title: "", values: [0, 0, 0, 0] }] })))).toEqual(
      new Set([hex(128)]),
    );
  });

  test.each([{ panels: [] }, { panels: [{ title: "", values: [1] }] }, { reach: 0 }, { rows: [] }])(
    "refuses %j",
    (part) => {
      expect(() => heatFigure({ ...FIGURE, ...part })).toThrow(UsageError);
    },
  );
});
