/** Position tables on another grid, against bicubic resampling spelt out in float64. */
import { expect, test } from "vitest";
import { constant } from "../../../src/engine/graph/ops/leaves.js";
import { compile } from "../../../src/engine/runtime/compile.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { reachable } from "../../../src/engine/graph/lowering.js";
import { sizeOf } from "../../../src/engine/tensor/shape.js";
import { type PositionOptions, positionTable } from "../../../src/models/clip/position.js";

const WIDTH = 5;
const openClip = (grid: number): PositionOptions => ({ grid, resampling: "antialiased", prefix: 1 });

/** Keys' kernel with a = -0.5. */
function keys(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return 1.5 * x ** 3 - 2.5 * x ** 2 + 1;
  return x < 2 ? -0.5 * x ** 3 + 2.5 * x ** 2 - 4 * x + 2 : 0;
}

/** Weight of source cell `j` in target cell `i`, centres at half steps; the kernel is stretched when the grid shrinks. */
function weightsOf(i: number, from: number, to: number): number[] {
  const scale = from / to;
  const raw = Array.from({ length: from }, (_, j) => keys((j + 0.5 - (i + 0.5) * scale) / Math.max(1, scale)));
  const sum = raw.reduce((a, b) => a + b);
  return raw.map((w) => w / sum);
}

function naive(table: Float32Array, from: number, to: number): number[] {
  const out = [...table.subarray(0, WIDTH)];
  for (let y = 0; y < to; y++) {
    for (let x = 0; x < to; x++) {
      const [down, across] = [weightsOf(y, from, to), weightsOf(x, from, to)];
      for (let d = 0; d < WIDTH; d++) {
        let sum = 0;
        for (let v = 0; v < from; v++)
          for (let u = 0; u < from; u++) sum += down[v]! * across[u]! * table[(1 + v * from + u) * WIDTH + d]!;
        out.push(sum);
      }
    }
  }
  return out;
}

test.each([
  [4, 7],
  [3, 9],
  [7, 14],
  [14, 24],
  [7, 4],
  [9, 2],
  [24, 16],
  [1, 3],
  [3, 1],
])("%i × %i → %i × %i cells", async (from, to) => {
  // Random values: unlike along rows and columns, so that swapped axes do not pass.
  const table = new Random(from * 100 + to).centred((1 + from * from) * WIDTH, 1);
  await using program = await compile({
    positions: positionTable(constant(floatTensor(table, [1 + from * from, WIDTH])), openClip(to)),
  });
  const { positions } = await program.run({});
  expect(positions.shape).toEqual([1 + to * to, WIDTH]);
  const expected = naive(table, from, to);
  positions.data.forEach((got, i) => {
    expect(Math.abs(got - expected[i]!)).toBeLessThan(2e-6);
  });
  expect(positions.data.slice(0, WIDTH)).toEqual(table.slice(0, WIDTH));
});

test("the same grid gives the same table", () => {
  const table = constant(floatTensor(new Float32Array(10 * WIDTH), [10, WIDTH]));
  expect(positionTable(table, openClip(3))).toBe(table);
});

test("a large grid needs no large matrix", () => {
  const from = constant(floatTensor(new Float32Array(50 * WIDTH), [50, WIDTH]));
  const resized = positionTable(from, openClip(1024));
  expect(resized.shape).toEqual([1 + 1024 ** 2, WIDTH]);
  for (const { shape, op } of reachable([resized])) {
    if (op.name === "constant") expect(sizeOf(shape)).toBeLessThanOrEqual(7 * 1024);
  }
});
