/** Which tokens a step computes. */
import { expect, test } from "vitest";
import { seeded } from "../../../src/engine/train/seeds.js";
import { allTokens, keptTokens } from "../../../src/recipes/clip-scenes/kept-tokens.js";
import { SETTINGS } from "../../../src/recipes/clip-scenes/settings.js";
import { sceneTruth } from "../../../src/worlds/scenes/index.js";
import { expectRate, scenes } from "../../worlds/scenes/support.js";

const TOKENS = 65;
const truths = scenes(40, 2).map((scene) => sceneTruth(scene, 64));

function rowsAt(step: number, patches: number = SETTINGS.patches): number[][] {
  const { data, shape } = keptTokens(truths, patches, seeded(3, "patches", step));
  expect(shape).toEqual([truths.length, patches + 1]);
  const row = (b: number): number[] => [...data.subarray(b * (patches + 1), (b + 1) * (patches + 1))];
  return truths.map((_, b) => row(b).map((token) => token - b * TOKENS));
}

/** Patches that show an object, found pixel by pixel. */
function shownIn(picture: number): Set<number> {
  const patches = truths[picture]!.objects.flatMap(({ mask }) =>
    Array.from(mask, (one, at) => (one === 1 ? 8 * Math.floor(at / 512) + Math.floor((at % 64) / 8) : -1)),
  );
  return new Set(patches.filter((patch) => patch >= 0));
}

test("each picture keeps its class token and different patches, all that show an object while there is room", () => {
  let crowded = 0;
  for (const [picture, [classToken, ...kept]] of rowsAt(0).entries()) {
    expect(classToken).toBe(0);
    const patches = new Set(kept.map((token) => token - 1));
    expect(patches.size).toBe(SETTINGS.patches);
    for (const patch of patches) expect(patch >= 0 && patch < 64).toBe(true);
    const shown = shownIn(picture);
    if (shown.size > SETTINGS.patches) {
      crowded++;
      for (const patch of patches) expect(shown).toContain(patch);
    } else for (const patch of shown) expect(patches).toContain(patch);
  }
  expect(crowded).toBeLessThan(truths.length);
});

test("which of the others is chance, the same for the same stream", () => {
  expect(rowsAt(4)).toEqual(rowsAt(4));
  const picture = truths.findIndex((_, i) => shownIn(i).size < 20);
  const shown = shownIn(picture);
  const steps = 400;
  const counts = new Array<number>(64).fill(0);
  for (let step = 0; step < steps; step++) for (const token of rowsAt(step)[picture]!.slice(1)) counts[token - 1]!++;
  const rate = (SETTINGS.patches - shown.size) / (64 - shown.size);
  for (const [patch, count] of counts.entries()) expectRate(count, steps, shown.has(patch) ? 1 : rate);
});

test("all tokens are all, in their order", () => {
  const { data, shape } = allTokens(3);
  expect(shape).toEqual([3, TOKENS]);
  expect([...data]).toEqual(Array.from({ length: 3 * TOKENS }, (_, i) => i));
});
