/** What is said of scenes: true, in the words promised, in forms that prompts share. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UsageError } from "../../../src/engine/errors.js";
import { Random } from "../../../src/engine/tensor/random.js";
import {
  allDescriptions,
  type Attribute,
  attributePrompts,
  ATTRIBUTES,
  BACKGROUNDS,
  caption,
  COLOURS,
  fullCaption,
  MAX_WORDS,
  POSITIONS,
  positionOf,
  type Scene,
  SHAPES,
  SIZES,
  STYLES,
  TEXTURES,
  WORDS,
} from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "./reader.js";
import { anyScene, scenes } from "./support.js";

const wordsOf = (text: string): string[] => text.split(" ");

/** Many captions of all degrees of detail. */
function captions(count: number, seed: number): { readonly scene: Scene; readonly text: string }[] {
  const random = new Random(seed);
  return scenes(count, seed).map((scene) => ({ scene, text: caption(scene, random, { detail: random.uniform() }) }));
}

test("captions are true", () => {
  fc.assert(
    fc.property(anyScene(), fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (scene, seed, detail) => {
      const text = caption(scene, new Random(seed), { detail });
      expect(untruth(scene, readCaption(text)), text).toBeUndefined();
      expect(text).toMatch(/^[a-z]+(?: [a-z]+)*$/);
      expect(wordsOf(text).length).toBeLessThanOrEqual(MAX_WORDS);
    }),
    { numRuns: 5000 },
  );
});

test("the reader of these tests notices untruths", () => {
  const others = captions(3000, 1).filter(({ text }, i, all) => {
    const { scene } = all[(i + 1) % all.length]!;
    return untruth(scene, readCaption(text)) !== undefined;
  });
  expect(others.length).toBeGreaterThan(2700);
});

test("full captions are true, and tell scenes apart", () => {
  const drawn = scenes(2000, 2);
  for (const scene of drawn) {
    const text = fullCaption(scene);
    expect(untruth(scene, readCaption(text)), text).toBeUndefined();
    expect(wordsOf(text).length).toBeLessThanOrEqual(MAX_WORDS);
    const { style, background, mentions } = readCaption(text);
    expect([style, background]).toEqual([scene.style, scene.background]);
    expect(mentions.map(({ shape, colour }) => ({ shape, colour }))).toEqual(
      scene.objects.map(({ shape, colour }) => ({ shape, colour })),
    );
    expect(fullCaption(structuredClone(scene))).toBe(text);
  }
  for (let start = 0; start + 256 <= drawn.length; start += 256) {
    expect(new Set(drawn.slice(start, start + 256).map(fullCaption)).size).toBe(256);
  }
});

test("a full caption of one object says all there is", () => {
  for (const scene of scenes(100, 3, { objects: [1, 1] })) {
    const { shape, colour, texture, size, ...object } = scene.objects[0]!;
    const [mention] = readCaption(fullCaption(scene)).mentions;
    expect(mention).toEqual({ count: 1, shape, colour, texture, size, position: positionOf(object) });
  }
});

test("more detail says more", () => {
  const random = new Random(4);
  const lengths = [0, 0.5, 1].map((detail) =>
    scenes(1500, 4).reduce((sum, scene) => sum + wordsOf(caption(scene, random, { detail })).length, 0),
  );
  expect(lengths[1]).toBeGreaterThan(1.25 * lengths[0]!);
  expect(lengths[2]).toBeGreaterThan(1.25 * lengths[1]!);
});

test("scenes without objects have captions", () => {
  for (const scene of scenes(50, 5, { objects: [0, 0] })) {
    const texts = [fullCaption(scene), caption(scene, new Random(1))];
    for (const text of texts) expect(untruth(scene, readCaption(text)), text).toBeUndefined();
  }
});

test.each([-0.1, 1.1, NaN])("refuses a detail of %d", (detail) => {
  const [scene] = scenes(1, 1) as [Scene];
  expect(() => caption(scene, new Random(1), { detail })).toThrow(UsageError);
});

test("WORDS are the words that occur, and no others", () => {
  const spoken = new Set(captions(30_000, 6).flatMap(({ text }) => wordsOf(text)));
  expect([...spoken].sort()).toEqual([...WORDS]);
});

test("counts, relations, positions and parts all occur", () => {
  const readings = captions(6000, 7).map(({ text }) => readCaption(text));
  const share = (has: (reading: (typeof readings)[number]) => boolean): number =>
    readings.filter(has).length / readings.length;
  expect(share(({ relation }) => relation !== undefined)).toBeGreaterThan(0.1);
  expect(share(({ mentions }) => mentions.some(({ count }) => count > 1))).toBeGreaterThan(0.05);
  expect(share(({ mentions }) => mentions.some(({ position }) => position !== undefined))).toBeGreaterThan(0.2);
  expect(share(({ mentions }) => mentions.some(({ shape }) => shape === undefined))).toBeGreaterThan(0.1);
  expect(share(({ background }) => background === undefined)).toBeGreaterThan(0.2);
  expect(share(({ style }) => style !== undefined && style !== "any")).toBeGreaterThan(0.2);
});

describe("prompts", () => {
  const values: Readonly<Record<Attribute, readonly string[]>> = {
    shape: SHAPES,
    colour: COLOURS,
    texture: TEXTURES,
    size: SIZES,
    position: POSITIONS,
    background: BACKGROUNDS,
    style: STYLES,
  };

  test.each(ATTRIBUTES)("of %s say their value and nothing else", (attribute) => {
    const entries = attributePrompts(attribute);
    expect(entries.map(({ value }) => value)).toEqual(values[attribute]);
    for (const { value, prompts } of entries) {
      expect(prompts.length).toBeGreaterThanOrEqual(4);
      for (const prompt of prompts) {
        expect(wordsOf(prompt).filter((word) => !WORDS.includes(word))).toEqual([]);
        const { mentions, style, ...rest } = readCaption(prompt);
        const { count, ...said } = mentions[0] ?? { count: 1 };
        expect(count).toBe(1);
        const all = { ...rest, ...said, ...(style !== undefined && style !== "any" && { style }) };
        expect(all, prompt).toEqual({ [attribute]: value });
      }
    }
  });

  test("have forms that captions take", () => {
    const spoken = new Set(captions(120_000, 8).map(({ text }) => text));
    for (const attribute of ATTRIBUTES) {
      for (const { value, prompts } of attributePrompts(attribute)) {
        expect(
          prompts.some((prompt) => spoken.has(prompt)),
          `${attribute} ${value}`,
        ).toBe(true);
      }
    }
  });
});

test("descriptions are a pool of thousands of unlike texts in the same words", () => {
  const pool = allDescriptions();
  expect(pool.length).toBeGreaterThanOrEqual(2000);
  expect(pool.length).toBeLessThanOrEqual(6000);
  expect(new Set(pool).size).toBe(pool.length);
  expect(allDescriptions()).toEqual(pool);
  expect(pool.flatMap(wordsOf).filter((word) => !WORDS.includes(word))).toEqual([]);
  for (const text of ["red", "fish", "a red fish", "a striped object", "the sea", "at night", "a noisy picture"]) {
    expect(pool).toContain(text);
  }
});
