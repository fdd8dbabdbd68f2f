import fc from "fast-check";
import { expect, test } from "vitest";
import { dequantiseRows, QUANTISED_BITS, QUANTISED_BLOCKS, quantiseRows } from "../../../src/engine/tensor/quantise.js";
import { Random } from "../../../src/engine/tensor/random.js";

const FORMS = QUANTISED_BITS.flatMap((bits) => QUANTISED_BLOCKS.map((block) => ({ bits, block })));

test.each(FORMS)("$bits bits, blocks of $block: no number moves by more than its block allows", ({ bits, block }) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 300 }), fc.integer(), (rows, width, seed) => {
      const data = new Random(seed).centred(rows * width, 1);
      const quantised = quantiseRows(data, width, { bits, block });
      const again = dequantiseRows(quantised, width, { bits, block });
      const blocks = Math.ceil(width / block);
      for (const [i, value] of data.entries()) {
        const scale = quantised.scales[Math.floor(i / width) * blocks + Math.floor((i % width) / block)]!;
        // Half a step; a whole one at the end that the levels do not reach.
        const most = Math.abs(scale) * (value / scale > 2 ** (bits - 1) - 1 ? 1 : 0.5);
        expect(Math.abs(again[i]! - value)).toBeLessThanOrEqual(most * (1 + 1e-5) + 1e-30);
      }
    }),
  );
});

test("zeros stay zeros", () => {
  const { packed, scales } = quantiseRows(new Float32Array(40), 40, { bits: 4, block: 32 });
  expect([...scales].map(Math.abs)).toEqual([0, 0]);
  expect(packed.every((byte) => byte === 0x88)).toBe(true);
});
