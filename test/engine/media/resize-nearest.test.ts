/** Nearest-neighbour resize, against positions that Pillow 9.4 took. */
import { expect, test } from "vitest";
import { type RgbImage, rgbImage } from "../../../src/engine/media/image.js";
import { resize } from "../../../src/engine/media/resize.js";

/** Pixels that hold their own place: red and green the column, blue the row. */
function places(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set([x & 255, x >> 8, y], i * 3);
  }
  return rgbImage(width, height, data);
}

const columnsOf = ({ width, data }: RgbImage): number[] =>
  Array.from({ length: width }, (_, x) => data[x * 3]! + 256 * data[x * 3 + 1]!);

test.each([
  [7, 3, [1, 3, 5]],
  [3, 7, [0, 0, 1, 1, 1, 2, 2]],
  [10, 7, [0, 2, 3, 5, 6, 7, 9]],
  [192, 8, [12, 36, 60, 84, 108, 132, 156, 180]],
])("%d to %d columns", (from, to, expected) => {
  expect(columnsOf(resize(places(from, 1), to, 1, "nearest"))).toEqual(expected);
});

/** Where a centre lies on the edge between two pixels, the rounding of sums decides. */
test.each([
  [256, 224, 28551, { 3: 3, 10: 11, 17: 19, 24: 27, 80: 91 }],
  [320, 224, 35724, { 17: 24, 24: 34, 101: 144, 108: 154, 115: 164 }],
  [138, 37, 2534, { 18: 68 }],
])("%d to %d columns, on the edges of pixels", (from, to, sum, some) => {
  const columns = columnsOf(resize(places(from, 1), to, 1, "nearest"));
  expect(columns.reduce((a, b) => a + b, 0)).toBe(sum);
  for (const [at, column] of Object.entries(some)) expect(columns[Number(at)], at).toBe(column);
});

test("rows are taken as columns are, and whole pixels with them", () => {
  const { width, height, data } = resize(places(10, 7), 7, 3, "nearest");
  expect([width, height]).toEqual([7, 3]);
  const expected = [1, 3, 5].flatMap((y) => [0, 2, 3, 5, 6, 7, 9].flatMap((x) => [x, 0, y]));
  expect([...data]).toEqual(expected);
});
