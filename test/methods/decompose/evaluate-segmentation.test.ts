/** The evaluation on scenes: figures that must hold whatever the model, and that clip-scenes finds what is named. */
import { expect, test } from "vitest";
import { evaluateSegmentation } from "../../../src/methods/decompose/evaluate-segmentation.js";
import { loadClip } from "../../../src/models/clip/load.js";

const clip = await loadClip("clip-scenes");
const told: number[] = [];
const given = await evaluateSegmentation(clip, { count: 70, seed: 3, onProgress: (done) => told.push(done) });

test("a map of foreground alone has figures that follow from the share of foreground", () => {
  const { figures } = given.rows.find(({ method }) => method === "all foreground")!;
  expect(figures.pixelAccuracy.value).toBeCloseTo(given.foreground, 9);
  expect(figures.foregroundIoU.value).toBeCloseTo(given.foreground, 9);
  expect(figures.meanIoU.value).toBeCloseTo(given.foreground / 2, 9);
  expect(told).toEqual([64, 70]);
});

test("leads are differences from the first row, known better than the figures themselves", () => {
  const [first, ...rest] = given.rows;
  expect(first!.method).toBe("decomposition");
  for (const { figures, lead, kind, method } of rest) {
    for (const metric of ["pixelAccuracy", "meanIoU", "foregroundIoU", "meanAveragePrecision"] as const) {
      expect(lead[metric].value).toBeCloseTo(first!.figures[metric].value - figures[metric].value, 9);
      expect(figures[metric].low, `${method} ${kind}`).toBeLessThanOrEqual(figures[metric].value);
      expect(figures[metric].high).toBeGreaterThanOrEqual(figures[metric].value);
    }
  }
});

test("contributions find what is named, beyond every control", () => {
  const controls = given.rows.filter(({ kind }) => kind === "control");
  expect(controls).toHaveLength(3);
  for (const { lead } of controls) expect(lead.meanIoU.low).toBeGreaterThan(0);
  expect(given.recognised).toBeGreaterThan(1 / 18);
});

test("pointing: a half for maps that are the same everywhere, more for contributions", () => {
  const pointing = new Map(given.rows.map((row) => [row.method, row.pointing!]));
  expect(pointing.get("all foreground")).toEqual({ value: 0.5, low: 0.5, high: 0.5 });
  expect(pointing.get("decomposition")!.low).toBeGreaterThan(0.5);
});

test("the seed decides everything", async () => {
  expect(await evaluateSegmentation(clip, { count: 70, seed: 3 })).toEqual(given);
});

test("a single object's predicted shape is mostly the right one, and its scenes are other scenes", async () => {
  const single = await evaluateSegmentation(clip, { count: 24, seed: 3, objects: [1, 1], shape: "predicted" });
  expect(single.recognised).toBeGreaterThan(0.4);
  expect(single).toMatchObject({ scenes: 24, objects: [1, 1], shape: "predicted" });
  expect(single.rows.every((row) => row.pointing === undefined)).toBe(true);
});
