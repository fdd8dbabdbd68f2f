import { describe, expect, test } from "vitest";
import { Summary } from "../../src/cli/decompose/summary.js";
import type { PictureFindings, TextFindings } from "../../src/methods/decompose/report/findings.js";

/** Layer l's only head adds 0.001·(l+1), its MLP -0.0005; the start adds `start`. */
function found(layers: number, start: number): TextFindings {
  const heads = Float32Array.from({ length: layers }, (_, l) => 0.001 * (l + 1));
  const mlps = new Float32Array(layers + 1).fill(-0.0005);
  mlps[0] = start;
  const total = [...heads, ...mlps].reduce((a, b) => a + b, 0);
  return { cosine: total, probability: 0.75, alone: { heads, mlps, tokens: new Float32Array(5), total } };
}

function findings(layers: number, starts: readonly number[]): PictureFindings {
  const norms = { attention: new Float32Array(layers).fill(0.25), mlps: new Float32Array(layers + 1).fill(0.5) };
  return { texts: starts.map((start) => found(layers, start)), norms };
}

const linesOf = (names: readonly string[], texts: readonly string[], index: number, told: PictureFindings): string[] =>
  new Summary(names, texts, 2).picture(index, told).split("\n");

describe("one picture", () => {
  test("layers are listed with four decimals, and add up", () => {
    const lines = linesOf(["cat.png"], ["a cat"], 0, findings(3, [0.1]));
    const rows = lines
      .filter((line) => /^ {2}(layer|attention|MLP) /.test(line))
      .map((line) => line.trim().split(/ +/));
    expect(rows).toEqual([
      ["layer", "start", "0", "1", "2", "sum"],
      ["attention", "+0.0010", "+0.0020", "+0.0030", "+0.0060"],
      ["MLP", "+0.1000", "−0.0005", "−0.0005", "−0.0005", "+0.0985"],
    ]);
  });

  test("earlier layers are added up where there is no room for all", () => {
    const lines = linesOf(["cat.png"], ["a cat"], 0, findings(24, [0.1]));
    const [names, attention] = lines
      .filter((line) => /^ {2}(layer|attention) /.test(line))
      .map((line) => line.trim().split(/ +/));
    expect(names!.slice(1, 4)).toEqual(["start", "0–17", "18"]);
    // 0.001 · (1 + … + 18)
    expect(attention!.slice(1, 3)).toEqual(["+0.1710", "+0.0190"]);
    expect(attention!.at(-1)).toBe("+0.3000");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
  });

  test("heads are listed with their shares, or without where there is nothing to share", () => {
    const positive = linesOf(["cat.png"], ["a cat"], 0, findings(3, [0.1])).join("\n");
    expect(positive).toMatch(/L2\.H0 +\+0\.0030 +2\.9 % +█{20}\n/);
    const negative = linesOf(["cat.png"], ["a cat"], 0, findings(3, [-0.1])).join("\n");
    expect(negative).toMatch(/L2\.H0 +\+0\.0030 +█{20}\n/);
    expect(negative).not.toContain("share");
  });

  test("the best text comes first", () => {
    const lines = linesOf(["cat.png"], ["a dog", "a cat"], 0, findings(3, [0.1, 0.2]));
    expect(lines[2]).toMatch(/^ {2}a cat .* 75 % {3}cosine {2}0\.2045$/);
    expect(lines[3]).toMatch(/^ {2}a dog /);
  });

  test("without texts there are norms", () => {
    const lines = linesOf(["cat.png"], [], 0, findings(3, []));
    expect(lines[3]!.trim().split(/ +/)).toEqual(["‖attention‖", "0.2500", "0.2500", "0.2500"]);
    expect(lines[4]!.trim().split(/ +/)).toEqual(["‖MLP‖", "0.5000", "0.5000", "0.5000", "0.5000"]);
  });
});

test("of many pictures, the later ones take one line, names aligned", () => {
  const names = Array.from({ length: 12 }, (_, i) => `picture-${i}.png`);
  const told = findings(3, [0.1, 0.2]);
  const later = [3, 11].map((index) => linesOf(names, ["a dog", "a cat"], index, told));
  expect(later.map((lines) => lines.length)).toEqual([2, 2]);
  expect(later[0]![0]!.indexOf("a cat")).toBe(later[1]![0]!.indexOf("a cat"));
  expect(linesOf(names, ["a dog", "a cat"], 0, told).length).toBeGreaterThan(5);
});
