import { expect, test } from "vitest";
import { LinearProbe } from "../../../src/engine/tensor/linear-probe.js";
import { Random } from "../../../src/engine/tensor/random.js";

/** Rows around a centre per class, and the classes. */
function clusters(
  random: Random,
  count: number,
  centres: readonly (readonly number[])[],
  spread: number,
): [Float32Array, number[]] {
  const width = centres[0]!.length;
  const classes = Array.from({ length: count }, (_, i) => i % centres.length);
  const rows = Float32Array.from({ length: count * width }, (_, at) => {
    const centre = centres[classes[Math.floor(at / width)]!]![at % width]!;
    return centre + (random.uniform() - 0.5) * spread;
  });
  return [rows, classes];
}

const CENTRES = [
  [0, 0, 1],
  [4, 0, 1],
  [0, 4, 1],
  [4, 4, 1],
];

test("tells apart what can be told apart, on rows it has not seen", () => {
  const random = new Random(1);
  const probe = new LinearProbe(...clusters(random, 400, CENTRES, 1), 3);
  const [rows, classes] = clusters(random, 100, CENTRES, 1);
  expect(probe.predict(rows)).toEqual(classes);
});

test("finds nothing where there is nothing", () => {
  const random = new Random(2);
  const same = CENTRES.map(() => [1, 2, 3]);
  const probe = new LinearProbe(...clusters(random, 4000, same, 1), 3);
  const [rows, classes] = clusters(random, 4000, same, 1);
  const hits = probe.predict(rows).filter((told, i) => told === classes[i]).length;
  // Chance is 1000; three standard deviations of a fair guess are 82.
  expect(Math.abs(hits - 1000)).toBeLessThan(100);
});

test("features that repeat one another change nothing", () => {
  const random = new Random(3);
  const [rows, classes] = clusters(
    random,
    50,
    [
      [0, 1],
      [1, 0],
    ],
    3,
  );
  const probe = new LinearProbe(rows, classes, 2);
  // A fit without a ridge would have no single answer.
  const doubled = Float32Array.from({ length: 200 }, (_, at) => rows[Math.floor(at / 4) * 2 + (at % 2)]!);
  const other = new LinearProbe(doubled, classes, 4);
  expect(other.predict(doubled)).toEqual(probe.predict(rows));
});

test("rows and classes that do not fit are refused", () => {
  expect(() => new LinearProbe(new Float32Array(5), [0, 1], 3)).toThrow(/2 classes do not fit/);
  expect(() => new LinearProbe(new Float32Array(0), [], 3)).toThrow(/0 classes/);
});
