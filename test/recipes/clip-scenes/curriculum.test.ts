/** Which scenes training draws, and when. */
import { expect, test } from "vitest";
import { seeded } from "../../../src/engine/train/seeds.js";
import { drawScene, drawTrainingScene, TRAINING_SCENES } from "../../../src/recipes/clip-scenes/curriculum.js";
import { EASY_UNTIL, OBJECT_COUNTS, PLAIN_SHARES, SINGLE_SHARES } from "../../../src/recipes/clip-scenes/settings.js";
import { isHeldOut, type Scene } from "../../../src/worlds/scenes/index.js";
import { expectRate, scenes } from "../../worlds/scenes/support.js";

const COUNT = 3000;

function drawnAt(done: number): Scene[] {
  const random = seeded(1, "curriculum", Math.round(1000 * done));
  return Array.from({ length: COUNT }, () => drawTrainingScene(random, done));
}

const isPlain = ({ background, style, objects }: Scene): boolean =>
  objects.length === 1 &&
  background === "plain" &&
  style === "clean" &&
  objects[0]!.size === "large" &&
  objects[0]!.texture === "solid";

test("never a held-out combination, and fish mostly in the sea", () => {
  const shown = drawnAt(1);
  expect([...shown, ...drawnAt(0)].flatMap(({ objects }) => objects).filter(isHeldOut)).toEqual([]);
  const fish = shown.filter(({ objects }) => objects.some(({ shape }) => shape === "fish"));
  expectRate(fish.filter(({ background }) => background === "sea").length, fish.length, 0.9);
  // It could: without that choice a good part of the scenes has one.
  const free = scenes(500, 1).filter(({ objects }) => objects.some(isHeldOut));
  expect(free.length).toBeGreaterThan(50);
});

test("scenes have one to four objects, as often as the settings say", () => {
  const random = seeded(1, "counts");
  const counts = Array.from({ length: 4000 }, () => drawScene(random).objects.length);
  for (const [i, share] of OBJECT_COUNTS.entries())
    expectRate(counts.filter((count) => count === i + 1).length, counts.length, share);
  expect(OBJECT_COUNTS.reduce<number>((a, b) => a + b, 0)).toBeCloseTo(1, 12);
});

test("pictures easy to read are many at first, and fewer until the share of steps that the settings say", () => {
  // Scenes drawn freely are hardly ever so plain.
  const chance = drawnAt(1).filter(isPlain).length / COUNT;
  expect(chance).toBeLessThan(0.02);
  const plainAt = (done: number): number => drawnAt(done).filter(isPlain).length;
  expectRate(plainAt(0), COUNT, PLAIN_SHARES[0] + chance);
  expectRate(plainAt(EASY_UNTIL / 2), COUNT, (PLAIN_SHARES[0] + PLAIN_SHARES[1]) / 2 + chance);
  expectRate(plainAt(EASY_UNTIL), COUNT, PLAIN_SHARES[1] + chance);
});

test("single objects of clean pictures have their share to the end", () => {
  const clean = (of: readonly Scene[]): number =>
    of.filter(({ style, objects }) => style === "clean" && objects.length === 1 && objects[0]!.size !== "small").length;
  const random = seeded(2, "free");
  const free = clean(Array.from({ length: COUNT }, () => drawScene(random, TRAINING_SCENES))) / COUNT;
  const share = SINGLE_SHARES[1];
  expectRate(clean(drawnAt(1)), COUNT, share + (1 - share) * free);
});
