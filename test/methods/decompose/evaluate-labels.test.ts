/** The verdict on labels, where it is known beforehand which labels are right. */
import { expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { type LabelledSkill, labelClaim } from "../../../src/methods/decompose/evaluate-labels.js";
import { type Attribute, ATTRIBUTES } from "../../../src/worlds/scenes/index.js";

/** Heads that each tell one attribute well and the others badly. */
function heads(label: (told: Attribute, i: number) => string | undefined, seed = 1): LabelledSkill[] {
  const random = new Random(seed);
  return Array.from({ length: 21 }, (_, i) => {
    const told = ATTRIBUTES[i % ATTRIBUTES.length]!;
    const skills = Object.fromEntries(
      ATTRIBUTES.map((attribute) => [attribute, (attribute === told ? 0.8 : 0.1) + 0.05 * random.uniform()] as const),
    ) as Record<Attribute, number>;
    return { layer: 0, head: i, skills, label: label(told, i) };
  });
}
const arbitrary = heads((_, i) => ATTRIBUTES[(i * i + 3) % ATTRIBUTES.length]!, 2);

test("labels that are right lead, and labels that are not do not", () => {
  const right = labelClaim([{ trained: heads((told) => told), untrained: arbitrary }], 0);
  expect(right.holds).toBe(true);
  // Of 20 others, 2 are as good: 0.8 less (2 · 0.8 + 18 · 0.1) / 20.
  expect(right.tables[0]!.rows[0]!.figures[0]!.value).toBeCloseTo(0.63, 1);
  expect(right.tables[0]!.rows[1]!.figures[0]!.high).toBeLessThan(0.3);
  const wrong = labelClaim([{ trained: arbitrary, untrained: arbitrary }], 0);
  expect(wrong.holds).toBe(false);
});

test("labels that no single object can have are counted, and not scored", () => {
  const some = heads((told, i) => (i < 7 ? told : i < 14 ? "relation" : undefined));
  const claim = labelClaim([{ trained: some, untrained: arbitrary }], 0);
  expect(claim.setting).toContain("7 of 21 labels");
  expect(claim.tables[1]!.rows.map(({ name }) => name)).toContain("colour (1 heads)");
});

test("without any such label the claim does not hold, and says why", () => {
  const claim = labelClaim([{ trained: heads(() => undefined), untrained: arbitrary }], 0);
  expect([claim.holds, claim.found]).toEqual([false, "No head is labelled with an attribute."]);
});

test("repeating the same runs narrows no interval", () => {
  const run = { trained: heads((told, i) => (i % 2 === 0 ? told : "colour")), untrained: arbitrary };
  const [once, often] = [1, 6].map((times) =>
    labelClaim(
      Array.from({ length: times }, () => run),
      0,
    ),
  );
  for (const row of [0, 1]) {
    const [a, b] = [once, often].map((claim) => claim!.tables[0]!.rows[row]!.figures[0]!);
    expect(b!.high - b!.low).toBeCloseTo(a!.high - a!.low, 1);
  }
});
