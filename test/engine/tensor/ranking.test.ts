import fc from "fast-check";
import { expect, test } from "vitest";
import { areaUnderCurve } from "../../../src/engine/tensor/ranking.js";

test("the area is the share of pairs in the right order, ties counting half", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ score: fc.integer({ min: 0, max: 6 }), label: fc.boolean() }), {
        minLength: 1,
        maxLength: 40,
      }),
      (items) => {
        const [yes, no] = [true, false].map((label) => items.filter((item) => item.label === label));
        let right = 0;
        for (const a of yes!) for (const b of no!) right += (1 + Math.sign(a.score - b.score)) / 2;
        const area = areaUnderCurve(
          items.map(({ score }) => score),
          items.map(({ label }) => label),
        );
        if (yes!.length === 0 || no!.length === 0) expect(area).toBeNaN();
        else expect(area).toBeCloseTo(right / (yes!.length * no!.length), 12);
      },
    ),
  );
});
