import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barAxis, barTable, drawBars, orderedBars } from "../../workbench/src/panels/bars.js";
import { colourScale } from "../../workbench/src/panels/colour.js";
import { drawHeatGrid } from "../../workbench/src/panels/draw-heat-grid.js";
import { framed } from "../../workbench/src/panels/drawing.js";
import { exportedText, fileName, formatsOf } from "../../workbench/src/panels/exports.js";
import { sortedRows, type Table, toCsv } from "../../workbench/src/panels/table.js";

const table: Table = {
  columns: [{ name: "text" }, { name: "score, cosine" }],
  rows: [
    ['a "red" circle', 0.1 + 0.2],
    ["two\nlines", Number.NaN],
    ["plain", null],
  ],
};

describe("CSV", () => {
  it("quotes what needs it, keeps all digits and ends lines in CRLF", () => {
    expect(toCsv(table)).toBe(
      'text,"score, cosine"\r\n"a ""red"" circle",0.30000000000000004\r\n"two\nlines",\r\nplain,\r\n',
    );
  });

  it("has provenance as a column, so that every record has the same fields", () => {
    expect(toCsv({ columns: [{ name: "a" }], rows: [[1], [2]] }, "vitrine, seed 0")).toBe(
      'a,provenance\r\n1,"vitrine, seed 0"\r\n2,\r\n',
    );
  });

  it("gives texts back, whatever is in them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom(`"`, ",", "\r", "\n", " ", "a", "頭") }), {
          minLength: 1,
          maxLength: 6,
        }),
        (texts) => {
          const csv = toCsv({ columns: [{ name: "t" }], rows: texts.map((text) => [text]) });
          expect(parseCsv(csv).slice(1)).toEqual(texts.map((text) => [text]));
        },
      ),
    );
  });
});

/** A reader after RFC 4180. */
function parseCsv(csv: string): string[][] {
  const records: string[][] = [];
  let record: string[] = [];
  const fields = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let found = fields.exec(csv); found; found = fields.exec(csv)) {
    record.push(found[1]?.replaceAll('""', '"') ?? found[2]!);
    if (found[3] === "\r\n") {
      records.push(record);
      record = [];
    }
  }
  return records;
}

describe("tables", () => {
  it("sort numbers as numbers and words as words, missing ones last either way", () => {
    const rows = [
      ["head 10", 2],
      ["head 9", null],
      ["Head 2", 10],
      ["a", 1],
    ] as const;
    const column = (at: number, descending: boolean) => sortedRows(rows, { column: at, descending }).map((r) => r[at]);
    expect(column(1, true)).toEqual([10, 2, 1, null]);
    expect(column(1, false)).toEqual([1, 2, 10, null]);
    expect(column(0, false)).toEqual(["a", "Head 2", "head 9", "head 10"]);
  });
});

describe("file names", () => {
  it("are made of title and model", () => {
    expect(fileName("Heads: “a red circle”", "openai/clip-vit-base-patch16", "svg")).toBe(
      "heads-a-red-circle-openai-clip-vit-base-patch16.svg",
    );
    expect(fileName("Übersicht 頭", undefined, "csv")).toBe("übersicht-頭.csv");
    expect(fileName("…", "../..", "csv")).toBe("figure.csv");
  });
});

describe("figures", () => {
  const drawing = () => ({ width: 10, height: 10, body: "<path/>" });
  const figure = {
    title: "Heads",
    summary: "Few matter.",
    model: "m",
    provenance: "seed 0",
    table: () => table,
    drawing,
  };

  it("are offered as what they have", () => {
    expect(formatsOf(figure)).toEqual(["svg", "png", "csv", "json"]);
    expect(formatsOf({ title: "a", summary: "b" })).toEqual([]);
    expect(formatsOf({ title: "a", summary: "b", table: () => table })).toEqual(["csv", "json"]);
  });

  it("as JSON hold rows by column, null where there is no number, and where they come from", async () => {
    expect(JSON.parse(await exportedText(figure, "json"))).toMatchObject({
      title: "Heads",
      model: "m",
      provenance: "seed 0",
      rows: [
        { text: 'a "red" circle', "score, cosine": 0.30000000000000004 },
        { text: "two\nlines", "score, cosine": null },
        { text: "plain", "score, cosine": null },
      ],
    });
  });

  it("as SVG say title, summary and provenance, and cannot be broken out of", async () => {
    const svg = await exportedText({ ...figure, title: '<script>"&' }, "svg");
    expect(svg).toContain("Few matter.");
    expect(svg).toContain("seed 0");
    expect(svg).not.toContain("<script>");
  });

  it("break long texts into lines", () => {
    const svg = framed(drawing(), { title: "a", summary: "word ".repeat(60) });
    expect(svg.match(/<text/g)!.length).toBeGreaterThan(3);
  });

  it("of grids have a box for each cell, and cross out cells that are switched off", () => {
    const values = [0.1, -0.2, Number.NaN, 0.3];
    const names = ["0", "1"];
    const { body } = drawHeatGrid({
      rows: names,
      columns: names,
      rowAxis: "layer",
      columnAxis: "head",
      values,
      valueName: "effect",
      scale: colourScale(values, true),
      disabled: new Set([3]),
    });
    expect(body.match(/<rect[^>]*height="25"/g)).toHaveLength(4);
    expect(body).toContain("no value");
    expect(body).toContain("−0.20");
    expect(body).not.toContain(">0.30</text><text");
  });
});

describe("bars", () => {
  const bars = [
    { key: "a", label: "a", value: 0.1 },
    { key: "b", label: "b", value: Number.NaN },
    { key: "c", label: "c & d", value: 0.3, interval: { min: 0.2, max: 0.5 }, control: -0.1 },
  ];

  it("stand largest first, those without a number last", () => {
    expect(orderedBars(bars).map(({ key }) => key)).toEqual(["c", "a", "b"]);
  });

  it("start from 0 and have room for intervals and controls", () => {
    expect(barAxis(bars)).toEqual({ min: -0.1, max: 0.5 });
    expect(barAxis([])).toEqual({ min: 0, max: 1 });
  });

  it("become a table with the columns that are filled", () => {
    expect(barTable(bars, "text", "score").columns.map(({ name }) => name)).toEqual([
      "text",
      "score",
      "low",
      "high",
      "control",
    ]);
    expect(barTable(bars.slice(0, 2), "text", "score").columns).toHaveLength(2);
    expect(barTable(bars, "text", "score").rows[2]).toEqual(["c & d", 0.3, 0.2, 0.5, -0.1]);
  });

  it("are drawn without breaking on what is not a number", () => {
    const { body } = drawBars(bars, "score");
    expect(body).not.toContain("NaN");
    expect(body).toContain("c &#38; d");
  });
});
