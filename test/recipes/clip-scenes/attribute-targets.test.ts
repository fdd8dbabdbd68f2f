/** What tokens are told by, against the scenes and their masks. */
import { describe, expect, test } from "vitest";
import { seeded } from "../../../src/engine/train/seeds.js";
import { attributeTargets, COLUMNS, VALUE_COUNT } from "../../../src/recipes/clip-scenes/attribute-targets.js";
import { allTokens, keptTokens } from "../../../src/recipes/clip-scenes/kept-tokens.js";
import { PATCH_WEIGHTS } from "../../../src/recipes/clip-scenes/settings.js";
import { ATTRIBUTES, sceneTruth, valuesOf } from "../../../src/worlds/scenes/index.js";
import { scenes } from "../../worlds/scenes/support.js";

const TOKENS = 65;
const drawn = scenes(12, 5);
const truths = drawn.map((scene) => sceneTruth(scene, 64));
const tokens = allTokens(drawn.length);
const { data, shape } = attributeTargets(truths, tokens);

/** The weights of one token, by `attribute value`. */
function toldAt(row: number, weights = data): Map<string, number> {
  const names = ATTRIBUTES.flatMap((attribute) => valuesOf(attribute).map((value) => `${attribute} ${value}`));
  const entries = names.map((name, i) => [name, weights[row * VALUE_COUNT + i]!] as const);
  return new Map(entries.filter(([, weight]) => weight !== 0));
}

/** Pixels of each object in a patch. */
function pixelsOf(picture: number, patch: number): number[] {
  const [column, row] = [patch % 8, Math.floor(patch / 8)];
  return truths[picture]!.objects.map(({ mask }) => {
    const inside = Array.from(mask).filter(
      (one, at) => one === 1 && Math.floor((at % 64) / 8) === column && Math.floor(at / 512) === row,
    );
    return inside.length;
  });
}

test("has a row for each token and a column for each value", () => {
  expect(shape).toEqual([drawn.length * TOKENS, VALUE_COUNT]);
  expect(COLUMNS.map(({ attribute }) => attribute)).toEqual([...ATTRIBUTES]);
  expect(VALUE_COUNT).toBe(18 + 10 + 6 + 3 + 9 + 8 + 6);
});

test("a class token is told by all that its picture has, in equal shares", () => {
  for (const [picture, { background, style, objects }] of truths.entries()) {
    const told = toldAt(picture * TOKENS);
    const expected = new Map<string, number>();
    for (const attribute of ATTRIBUTES) {
      const values =
        attribute === "background" ? [background] : attribute === "style" ? [style] : objects.map((o) => o[attribute]);
      const different = [...new Set(values)];
      for (const value of different)
        expected.set(`${attribute} ${value}`, Math.fround(1 / (different.length * drawn.length)));
    }
    expect(told).toEqual(expected);
  }
});

test("a patch is told by the object that it shows most of, by the background, or by nothing", () => {
  const seen = { object: 0, background: 0, nothing: 0 };
  for (const [picture, truth] of truths.entries()) {
    for (let patch = 0; patch < 64; patch++) {
      const told = [...toldAt(picture * TOKENS + 1 + patch).keys()].sort();
      const pixels = pixelsOf(picture, patch);
      const most = Math.max(0, ...pixels);
      if (most >= 16) {
        seen.object++;
        const object = truth.objects[pixels.indexOf(most)]!;
        const names = ["shape", "colour", "texture", "size", "position"] as const;
        expect(told).toEqual(names.map((name) => `${name} ${object[name]}`).sort());
      } else if (pixels.reduce((a, b) => a + b, 0) < 6.4) {
        seen.background++;
        expect(told).toEqual([`background ${truth.background}`]);
      } else {
        seen.nothing++;
        expect(told).toEqual([]);
      }
    }
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
});

describe.each(ATTRIBUTES)("the weights of %s", (attribute) => {
  const { from, to } = COLUMNS.find((columns) => columns.attribute === attribute)!;

  test("add up to what the settings say", () => {
    let [pictures, patches] = [0, 0];
    for (const [at, weight] of data.entries()) {
      const [row, column] = [Math.floor(at / VALUE_COUNT), at % VALUE_COUNT];
      if (column < from || column >= to) continue;
      if (row % TOKENS === 0) pictures += weight;
      else patches += weight;
    }
    expect(pictures).toBeCloseTo(1, 4);
    expect(patches).toBeCloseTo(PATCH_WEIGHTS[attribute], 4);
  });
});

test("kept tokens are told as they are among all tokens, up to the share of each", () => {
  const kept = keptTokens(truths, 20, seeded(1, "kept"));
  const some = attributeTargets(truths, kept);
  for (const [row, token] of kept.data.entries())
    expect([...toldAt(row, some.data).keys()]).toEqual([...toldAt(token).keys()]);
});
