import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { binTexts, histogram, histogramTable } from "../../workbench/src/panels/histogram.js";
import { progressText } from "../../workbench/src/panels/progress-text.js";

describe("a histogram", () => {
  it("has bins between round numbers, with the shares of values and of the control", () => {
    const bins = histogram([0.1, 0.2, 0.3, 2.2], [1.1, 1.2], 2);
    expect(bins.map(({ low, high }) => [low, high])).toEqual([
      [0, 2],
      [2, 4],
    ]);
    expect(bins.map(({ share, control }) => [share, control])).toEqual([
      [0.75, 1],
      [0.25, 0],
    ]);
  });

  it("counts every finite value once", () => {
    const values = fc.array(fc.float({ min: -1e6, max: 1e6 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 60 }), (given, count) => {
        const bins = histogram(given, undefined, count);
        if (!given.some(Number.isFinite)) expect(bins).toEqual([]);
        else expect(bins.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
        expect(bins.length).toBeLessThanOrEqual(count + 1);
      }),
    );
  });

  it("is one bin where all values are the same", () => {
    expect(histogram([0, 0])).toHaveLength(1);
    expect(histogram([3, 3])).toHaveLength(1);
  });

  it("is said and tabled bin by bin", () => {
    const figure = { bins: histogram([0.5, 1.5], [0.5, 0.5], 2), valueName: "effect", controlMeans: "random" };
    expect(binTexts(figure)).toEqual([
      "0.500 to 1: 50.0 %; random 100.0 %",
      "1 to 1.50: 0.0 %; random 0.0 %",
      "1.50 to 2: 50.0 %; random 0.0 %",
    ]);
    expect(histogramTable(figure).columns.map(({ name }) => name)).toEqual(["from", "to", "share", "random"]);
  });
});

describe("progress", () => {
  const bytes = { stage: "downloading", done: 3_400_000, total: 11_800_000, unit: "bytes" } as const;

  it("says how much of how much, in one unit", () => {
    expect(progressText(bytes, 0)).toBe("3.4 of 11.8 MB");
    expect(progressText({ ...bytes, done: 1_000, total: 20_000 }, 0)).toBe("1 of 20 kB");
    expect(progressText({ stage: "", done: 0, total: 1, unit: "pictures" }, 0)).toBe("0 of 1 picture");
  });

  it("guesses what is left once enough is done", () => {
    expect(progressText(bytes, 5_000)).toBe("3.4 of 11.8 MB, about 12 s left");
    expect(progressText({ ...bytes, done: 100_000 }, 5_000)).toBe("0.1 of 11.8 MB");
    expect(progressText({ ...bytes, done: 1_180_000 }, 60_000)).toBe("1.2 of 11.8 MB, about 9 min left");
    expect(progressText({ ...bytes, done: 11_800_000 }, 60_000)).toBe("11.8 of 11.8 MB");
  });

  it("says no total where there is none", () => {
    expect(progressText({ stage: "", done: 0, unit: "steps" }, 9_000)).toBe("");
    expect(progressText({ stage: "", done: 12, unit: "steps" }, 9_000)).toBe("12 steps");
  });
});
