import { expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { drawScenes, SCENE_WORDS } from "../../../src/methods/captions/described-scenes.js";
import { describe } from "../../../src/recipes/vlm-scenes/describe.js";
import {
  PATCH_WORDS,
  PATCHES,
  partOf,
  patchObjects,
  patchShares,
} from "../../../src/recipes/vlm-scenes/patch-words.js";
import { SHAPES } from "../../../src/worlds/scenes/index.js";

const random = new Random(4);
const parts = drawScenes(9, 60, {}).map((scene) => ({ scene, part: partOf(random) }));

test("captions of parts name the shapes that show there, and of whole pictures what they name without a part", () => {
  let fewer = 0;
  for (const { scene, part } of parts) {
    const shown = new Set(
      patchObjects(scene)
        .filter((_, patch) => part[patch] === 1)
        .map((object) => object?.shape),
    );
    const named = SCENE_WORDS.mentions(describe(scene, part)).map(({ object }) => object);
    for (const shape of SHAPES) if (named.includes(shape)) expect(shown).toContain(shape);
    const whole = describe(scene);
    expect(describe(scene, new Float32Array(PATCHES).fill(1))).toBe(whole);
    if (describe(scene, part).length < whole.length) fewer++;
  }
  expect(fewer).toBeGreaterThan(5);
});

test("patches that are left out have no words, all others have", () => {
  const leftOut = parts.flatMap(({ scene, part }) => {
    const shares = patchShares(scene, random, part);
    return Array.from(part, (told, patch) => {
      const own = shares.subarray(patch * PATCH_WORDS.length, (patch + 1) * PATCH_WORDS.length);
      expect(own.some((share) => share > 0)).toBe(told === 1);
      return told === 0;
    });
  });
  const share = leftOut.filter(Boolean).length / leftOut.length;
  // Half of the pictures, each with a mean of 0.45.
  expect(share).toBeGreaterThan(0.12);
  expect(share).toBeLessThan(0.33);
});
