/** Every expected figure is counted by hand. */
import { describe, expect, test } from "vitest";
import {
  association,
  conceptConsistency,
  entanglement,
  type JudgedHead,
  normaliseLabel,
} from "../../../src/methods/interpret/metrics.js";

const judged = (head: number, label: string | undefined, verdicts: string): JudgedHead => ({
  layer: 3,
  head,
  label,
  texts: Array.from(verdicts, (verdict) => ({ agrees: verdict === "+" })),
});

const HEADS = [
  judged(0, "colour", "+++++"),
  judged(1, "colour", "+++++"),
  judged(2, "shape", "+++--"),
  judged(3, "shape", "++---"),
  judged(4, "style", "+++++"),
  judged(5, undefined, "-----"),
  judged(6, "colour", "++++-"),
  judged(7, "size", "+----"),
];

describe("association", () => {
  test("counts heads most of whose texts agree, over all heads", () => {
    const { score, heads } = association(HEADS);
    expect(score).toBe(5 / 8);
    expect(heads.filter(({ agrees }) => agrees).map(({ head }) => head)).toEqual([0, 1, 2, 4, 6]);
    expect(heads[3]).toEqual({ layer: 3, head: 3, agreeing: 2, agrees: false });
  });

  test("counts by another share", () => {
    expect(association(HEADS, 1).score).toBe(3 / 8);
    expect(association(HEADS, 0.2).score).toBe(7 / 8);
    expect(association([judged(0, "a", "+-")]).score).toBe(0);
    expect(association([judged(0, "a", "+-")], 0.5).score).toBe(1);
    expect(association([]).score).toBe(0);
  });
});

describe("entanglement", () => {
  test("counts heads whose label another has, and heads per label", () => {
    const { sharedHeads, meanFrequency, labels } = entanglement(HEADS);
    // Colour three times, shape twice, style and size once each, one without.
    expect(sharedHeads).toBe(5 / 8);
    expect(meanFrequency).toBe(7 / 4);
    expect(labels.map(({ label, heads }) => [label, heads.length])).toEqual([
      ["colour", 3],
      ["shape", 2],
      ["style", 1],
      ["size", 1],
    ]);
  });

  test("is nothing without labels", () => {
    expect(entanglement([judged(0, undefined, "-")])).toEqual({ sharedHeads: 0, meanFrequency: 0, labels: [] });
  });
});

describe("concept consistency", () => {
  test("counts agreeing texts, heads by their count, and concepts that high heads repeat", () => {
    const { heads, shares, redundancy, high } = conceptConsistency(HEADS);
    expect(heads.map(({ score }) => score)).toEqual([5, 5, 3, 2, 5, 0, 4, 1]);
    expect(shares).toEqual([1, 1, 1, 1, 1, 3].map((count) => count / 8));
    // High: colour twice, style once. One repeated concept of three high heads.
    expect(redundancy).toBe(1 / 3);
    expect(high.map(({ label }) => label)).toEqual(["colour", "style"]);
  });

  test("has no ratio where no head is high, also when texts are missing", () => {
    expect(conceptConsistency([judged(0, "colour", "++++")]).redundancy).toBeUndefined();
    expect(conceptConsistency([judged(0, "colour", "++++")], 4).redundancy).toBe(0);
  });
});

test.each([
  ["  Geometric   Shapes", "geometric shape"],
  ["colors", "colour"],
  ["Textures", "texture"],
  ["categories", "category"],
  ["boxes", "box"],
  ["glass", "glass"],
  ["focus", "focus"],
  ["gas", "gas"],
  ["analysis", "analysis"],
])("normaliseLabel takes %j for %j", (label, expected) => {
  expect(normaliseLabel(label, new Map([["color", "colour"]]))).toBe(expected);
});
