/** Figures of heads and of controls, on cases whose figures are known beforehand. */
import { expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { evaluateInterpret } from "../../../src/methods/interpret/evaluate.js";
import { assignByWords, balancedRows } from "../../../src/methods/interpret/properties.js";

const LETTERS = ["a", "b", "c", "d"];
/** Ten texts of each of four properties. */
const texts = LETTERS.flatMap((letter) => Array.from({ length: 10 }, (_, i) => `${letter} ${i}`));
const assignments = assignByWords(
  texts,
  LETTERS.map((letter) => ({ name: letter.toUpperCase(), words: [letter] })),
);
const pool = { texts, assignments };
/** One head for each property, with texts of it alone. */
const pure = LETTERS.map((_, i) => ({ layer: 0, head: i, picks: [0, 1, 2, 3, 4].map((k) => 10 * i + k) }));
/** All heads with two texts of A and one of each other property. */
const mixed = LETTERS.map((_, i) => ({ layer: 0, head: i, picks: [0, 1, 10, 20, 30] }));

test("tells pure heads from mixed ones and from chance", () => {
  const found = evaluateInterpret([{ pool, trained: pure, untrained: mixed }], { draws: 2000 });
  const same = (value: number) => ({ mean: value, low: value, high: value });
  expect(found.trained).toEqual({
    association: same(1),
    consistency: same(5),
    sharedHeads: same(0),
    meanFrequency: same(1),
  });
  expect(found.untrained).toEqual({
    association: same(0),
    consistency: same(2),
    sharedHeads: same(1),
    meanFrequency: same(4),
  });
  // Of four labels dealt to four heads, one is right on average.
  expect(found.shuffledLabels.association.mean).toBeCloseTo(1 / 4, 1);
  expect(found.shuffledLabels.consistency.mean).toBeCloseTo(5 / 4, 0);
  // Five of 40 texts, ten each: three or more alike in 4·(C(10,3)C(30,2) + C(10,4)·30 + C(10,5)) of C(40,5) cases.
  const alike = (4 * (120 * 435 + 210 * 30 + 252)) / 658_008;
  expect(Math.abs(found.randomTexts.association.mean - alike)).toBeLessThan(0.02);
  const verdicts = new Map(found.better.map(({ figure, than, holds }) => [`${figure} ${than}`, holds]));
  expect(verdicts.get("association untrained")).toBe(true);
  expect(verdicts.get("sharedHeads untrained")).toBe(true);
  // Now and then all four labels fall to their own heads: the range of the control reaches 1.
  expect(found.shuffledLabels.association.high).toBe(1);
  expect(verdicts.get("association shuffledLabels")).toBe(false);
});

test("ranges over runs, and needs one", () => {
  const run = { pool, trained: pure, untrained: mixed };
  const { trained } = evaluateInterpret([run, { ...run, trained: mixed }], { draws: 1 });
  expect(trained.association).toEqual({ mean: 0.5, low: 0, high: 1 });
  expect(() => evaluateInterpret([])).toThrow("nothing to evaluate");
});

test("balancedRows keeps texts of one property, equally many of each", () => {
  const many = assignByWords(
    [...texts, ...Array.from({ length: 30 }, (_, i) => `a again ${i}`), "a and b", "nothing"],
    LETTERS.map((letter) => ({ name: letter, words: [letter] })),
  );
  const rows = balancedRows(many, 6, new Random(1));
  expect(rows).toHaveLength(24);
  expect(new Set(rows).size).toBe(24);
  for (const letter of LETTERS) {
    expect(rows.filter((row) => many[row]!.properties.join() === letter)).toHaveLength(6);
  }
  expect(balancedRows(many, 6, new Random(2))).not.toEqual(rows);
});
