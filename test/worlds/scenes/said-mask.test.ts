import { describe, expect, test } from "vitest";
import {
  objectAt,
  saidMask,
  type Scene,
  sceneTruth,
  sizeOfScale,
  typicalScale,
  valuesShown,
} from "../../../src/worlds/scenes/index.js";
import { SIZES } from "../../../src/worlds/scenes/vocabulary.js";

const plain = { texture: "solid", rotation: 0, flipped: false, seed: 0 } as const;
/** A red heart on the left, a blue heart on the right, and a small yellow star in front of the blue heart. */
const scene: Scene = {
  background: "sea",
  style: "clean",
  seed: 1,
  objects: [
    { shape: "heart", colour: "red", size: "medium", x: 0.25, y: 0.5, scale: 0.35, ...plain },
    { shape: "heart", colour: "blue", size: "large", x: 0.7, y: 0.5, scale: 0.5, ...plain },
    { shape: "star", colour: "yellow", size: "small", x: 0.7, y: 0.5, scale: 0.2, ...plain },
  ],
};
const masks = sceneTruth(scene).objects.map(({ mask }) => mask);
const union = (...places: readonly number[]): number[] =>
  Array.from({ length: 64 * 64 }, (_, i) => Number(places.some((place) => masks[place]![i] === 1)));

describe("the mask of what a text speaks of", () => {
  test.for([
    { text: "a red heart", places: [0] },
    { text: "a heart", places: [0, 1] },
    { text: "a large heart in the sea", places: [1] },
    { text: "something small", places: [2] },
    { text: "a green heart", places: [] },
    { text: "a heart and a star", places: [] },
  ])("“$text” is of objects $places", ({ text, places }) => {
    expect(Array.from(saidMask(scene, text, 64)!)).toEqual(union(...places));
  });

  test("a background is what no object hides, where it is the scene's", () => {
    expect(Array.from(saidMask(scene, "the sea", 64)!)).toEqual(union(0, 1, 2).map((one) => 1 - one));
    expect(saidMask(scene, "on the grass", 64)).not.toContain(1);
  });

  test("nothing is known of texts that say nothing of where", () => {
    expect(saidMask(scene, "a sketch", 64)).toBeUndefined();
    expect(saidMask(scene, "a photo of a dog", 64)).toBeUndefined();
  });
});

test("a point is of the nearest object there, as the masks have it", () => {
  for (let i = 0; i < 64 * 64; i++) {
    const [x, y] = [((i % 64) + 0.5) / 64, (Math.floor(i / 64) + 0.5) / 64];
    const wanted = masks.findIndex((mask) => mask[i] === 1);
    expect(objectAt(scene, x, y), `${x}, ${y}`).toBe(wanted < 0 ? undefined : wanted);
  }
});

test("sizes and extents name each other", () => {
  for (const size of SIZES) expect(sizeOfScale(typicalScale(size))).toBe(size);
  expect([sizeOfScale(0.01), sizeOfScale(1)]).toEqual(["small", "large"]);
});

test("values shown are those of any object", () => {
  expect(valuesShown(scene, "shape")).toEqual(["heart", "star"]);
  expect(valuesShown(scene, "position")).toEqual(["left", "right"]);
  expect(valuesShown(scene, "background")).toEqual(["sea"]);
});
