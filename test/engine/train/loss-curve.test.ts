import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { linearAxis, logAxis } from "../../../src/engine/train/axis.js";
import { lossCurve } from "../../../src/engine/train/loss-curve.js";
import type { MetricsRecord } from "../../../src/engine/train/metrics-log.js";
import { smoothed } from "../../../src/engine/train/smooth.js";

const falling = (count: number): MetricsRecord[] =>
  Array.from({ length: count }, (_, i) => ({
    step: i + 1,
    loss: 0.5 + 4 * Math.exp((-6 * i) / count) + 0.1 * (i % 3),
  }));

/** Coordinates of the polyline of a class. */
function line(svg: string, kind: string): number[][] {
  const points = new RegExp(`<polyline class="${kind}" points="([^"]*)"`).exec(svg)![1]!;
  return points.split(" ").map((point) => point.split(",").map(Number));
}

describe("the curve", () => {
  test("draws every value, their average and the evaluations, within the frame", () => {
    const records = [...falling(300), { step: 150, evaluation: { loss: 1, accuracy: 0.5 } }];
    const svg = lossCurve(records, { title: `"a" < b & c` });
    expect(svg).toContain("&#34;a&#34; &#60; b &#38; c");
    expect(line(svg, "raw")).toHaveLength(300);
    expect(line(svg, "smooth")).toHaveLength(300);
    expect(svg.match(/<circle class="check"/g)).toHaveLength(2);
    for (const [x, y] of line(svg, "raw")) {
      expect(x! >= 64 && x! <= 876 && y! >= 52 && y! <= 436).toBe(true);
    }
  });

  test("of a long run stays small and keeps its extremes", () => {
    const records = falling(50_000);
    records[30_000] = { step: 30_001, loss: 9 };
    const svg = lossCurve(records, { scale: "linear" });
    expect(svg.length).toBeLessThan(60_000);
    expect(Math.min(...line(svg, "raw").map(([, y]) => y!))).toBeLessThan(100);
  });

  test("can be drawn of nothing, one value, equal values, and values that are not finite", async () => {
    const runs: MetricsRecord[][] = [
      [],
      [{ step: 1, loss: 2 }],
      [1, 2, 3].map((step) => ({ step, loss: 0 })),
      [
        { step: 1, loss: null },
        { step: 2, loss: -1 },
        { step: 3, loss: 5 },
      ],
    ];
    for (const records of runs) {
      const svg = lossCurve(records);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect((await sharp(Buffer.from(svg)).metadata()).width).toBe(960);
    }
  });

  test("shows in any viewer: colours are no CSS variables, and it is not one dark plane", async () => {
    const svg = lossCurve(falling(100));
    expect(svg).not.toContain("var(");
    const { channels } = await sharp(Buffer.from(svg)).removeAlpha().stats();
    for (const { mean } of channels) expect(mean).toBeGreaterThan(200);
  });
});

test("axes put ticks at round numbers", () => {
  const labels = (axis: ReturnType<typeof linearAxis>): string[] => axis.ticks.map(({ label }) => label);
  expect(labels(linearAxis(0.03, 0.52, 0, 100))).toEqual(["0", "0.1", "0.2", "0.3", "0.4", "0.5", "0.6"]);
  expect(labels(linearAxis(1, 20_000, 0, 100, { tight: true, whole: true }))).toEqual(["5000", "10k", "15k", "20k"]);
  expect(labels(linearAxis(1, 3, 0, 100, { tight: true, whole: true }))).toEqual(["1", "2", "3"]);
  expect(labels(logAxis(0.05, 3, 0, 100))).toEqual(["0.05", "0.1", "0.2", "0.5", "1", "2"]);
  expect(labels(logAxis(2e-6, 3, 0, 100))).toEqual(["1e-5", "0.0001", "0.001", "0.01", "0.1", "1"]);
});

test("the average of noise is quiet, also at the ends, and that of a constant is the constant", () => {
  const noise = Array.from({ length: 1000 }, (_, i) => (i % 2 === 0 ? 0 : 2));
  for (const value of smoothed(noise)) expect(Math.abs(value - 1)).toBeLessThan(0.1);
  expect(smoothed([3, 3, 3])).toEqual([3, 3, 3]);
  expect(smoothed([])).toEqual([]);
});
