/** Texts of one attribute: true of what has their value and of nothing else, in words that the grammar knows. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import {
  type Attribute,
  ATTRIBUTES,
  attributeTexts,
  positionOf,
  type Scene,
  valuesOf,
  WORDS,
} from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "./reader.js";
import { scenes } from "./support.js";

const drawn = scenes(120, 3);
const known = new Set(WORDS);

function has(scene: Scene, attribute: Attribute, value: string): boolean {
  if (attribute === "background" || attribute === "style") return scene[attribute] === value;
  return scene.objects.some((object) => (attribute === "position" ? positionOf(object) : object[attribute]) === value);
}

describe.each(ATTRIBUTES)("of %s", (attribute) => {
  const random = new Random(8);
  const rounds = Array.from({ length: 40 }, () => attributeTexts(attribute, random));

  test("are true of the very scenes that an independent reader finds them true of", () => {
    for (const texts of rounds) {
      expect(texts.length).toBe(valuesOf(attribute).length);
      for (const [i, value] of valuesOf(attribute).entries()) {
        const reading = readCaption(texts[i]!);
        for (const scene of drawn)
          expect(untruth(scene, reading) === undefined, texts[i]).toBe(has(scene, attribute, value));
      }
    }
  });

  test("are short, and in the grammar's words", () => {
    for (const text of rounds.flat()) {
      const words = text.split(" ");
      expect(words.length, text).toBeLessThanOrEqual(10);
      expect(words.filter((word) => !known.has(word))).toEqual([]);
    }
  });

  test("are worded in many ways, and all values in one way at a time", () => {
    expect(new Set(rounds.map(([first]) => first)).size).toBeGreaterThan(5);
    // Openers are words that no value has: a round has one for all of its texts, or none.
    for (const texts of rounds) {
      const openers = texts.map((text) => /^(?:a picture|an image|a photo) of /.exec(text)?.[0]);
      expect(new Set(openers).size).toBe(1);
    }
  });
});

test("another state of the stream gives other words, the same state the same", () => {
  const once = ATTRIBUTES.map((attribute) => attributeTexts(attribute, new Random(5)));
  expect(ATTRIBUTES.map((attribute) => attributeTexts(attribute, new Random(5)))).toEqual(once);
  expect(ATTRIBUTES.map((attribute) => attributeTexts(attribute, new Random(6)))).not.toEqual(once);
});
