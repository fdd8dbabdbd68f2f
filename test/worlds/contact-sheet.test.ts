import { expect, test } from "vitest";
import { rgbImage } from "../../src/engine/media/image.js";
import { contactSheet } from "../../src/worlds/contact-sheet.js";

const picture = (value: number, size = 24): ReturnType<typeof rgbImage> =>
  rgbImage(size, size, new Uint8Array(size * size * 3).fill(value));

test("pictures lie where their cells say, captions of a row below all of it", () => {
  const { image, cells } = contactSheet([picture(1), picture(2), picture(3)], { columns: 2, captions: [5, 9, 4] });
  expect(cells).toEqual([
    { x: 2, y: 2 },
    { x: 28, y: 2 },
    { x: 2, y: 37 },
  ]);
  expect([image.width, image.height]).toEqual([54, 67]);
  const middles = cells.map(({ x, y }) => image.data[3 * ((y + 12) * image.width + x + 12)]);
  expect(middles).toEqual([1, 2, 3]);
  expect([...image.data.subarray(0, 3)]).toEqual([252, 251, 248]);
});

test("fewer pictures than columns make a narrower page", () => {
  expect(contactSheet([picture(1)], { columns: 8 }).image.width).toBe(28);
});

test("refuses pictures that differ in size, and none", () => {
  expect(() => contactSheet([picture(1), picture(1, 25)], { columns: 2 })).toThrow(RangeError);
  expect(() => contactSheet([], { columns: 2 })).toThrow(RangeError);
});
