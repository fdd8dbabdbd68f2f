import { expect, test } from "vitest";
import { stemOf, uniqueSlugs } from "../../src/cli/decompose/results-folder.js";
import { duration } from "../../src/cli/progress.js";
import { columnsOf, fitMiddle, padEnd, padStart, printable } from "../../src/cli/terminal-text.js";

test("columns are counted for wide characters, emoji and combining marks", () => {
  expect(["cat", "魚の写真", "🐟", "e\u0301", ""].map(columnsOf)).toEqual([3, 8, 2, 1, 0]);
  expect(padEnd("魚", 4)).toBe("魚  ");
  expect(padStart("魚", 4)).toBe("  魚");
});

test("long text is cut in the middle, and keeps its end", () => {
  expect(fitMiddle("short.png", 20)).toBe("short.png");
  const cut = fitMiddle("/a/very/long/path/to/some/picture.png", 20);
  expect(cut).toMatch(/^\/a.*….*picture\.png$/);
  for (let columns = 3; columns < 30; columns++) {
    expect(columnsOf(fitMiddle("写真/とても/長い/名前.png", columns))).toBeLessThanOrEqual(columns);
  }
});

test("what steers a terminal is made visible", () => {
  expect(printable("a\u001b[31mb\n\u202ec")).toBe("a\ufffd[31mb\ufffd\ufffdc");
});

test("durations", () => {
  expect([0, 42.4, 725, 11_220].map(duration)).toEqual(["0:00", "0:42", "12:05", "3:07:00"]);
});

test("slugs are safe file names, no two alike in any case", () => {
  expect(uniqueSlugs(["A cat!", "a CAT", "../../etc", "a--b", "", "名前 1", "a cat"], "text")).toEqual([
    "A-cat",
    "a-CAT-2",
    "etc",
    "a-b",
    "text",
    "名前-1",
    "a-cat-3",
  ]);
  const [long] = uniqueSlugs(["写".repeat(200)], "text");
  expect(Buffer.byteLength(long!)).toBeLessThanOrEqual(100);
});

test("stems", () => {
  expect(["a/b.tar.png", ".png", "c", "d/e.f/g"].map(stemOf)).toEqual(["b.tar", ".png", "c", "g"]);
});
