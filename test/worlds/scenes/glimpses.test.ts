/** Glimpses: of the attribute asked for, true where they say they are, in words that the grammar knows. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { glimpse, GLIMPSES, WORDS } from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "./reader.js";
import { scenes } from "./support.js";

const drawn = scenes(120, 3);
const known = new Set(WORDS);

describe.each(GLIMPSES)("of %s", (kind) => {
  const random = new Random(8);
  const glimpses = drawn.map((scene) => glimpse(scene, kind, random));

  test("are true of the very scenes that an independent reader finds them true of", () => {
    let elsewhere = 0;
    for (const [i, { text, isTrueOf }] of glimpses.entries()) {
      const reading = readCaption(text);
      expect(isTrueOf(drawn[i]!), text).toBe(true);
      for (const scene of drawn) expect(isTrueOf(scene), text).toBe(untruth(scene, reading) === undefined);
      elsewhere += drawn.filter((scene, j) => j !== i && isTrueOf(scene)).length;
    }
    expect(elsewhere).toBeGreaterThan(0);
    expect(elsewhere).toBeLessThan(0.9 * drawn.length ** 2);
  });

  test("are short, and in the grammar's words", () => {
    for (const { text } of glimpses) {
      const words = text.split(" ");
      expect(words.length, text).toBeLessThanOrEqual(10);
      expect(words.filter((word) => !known.has(word))).toEqual([]);
    }
  });
});

test("of nothing but the background where there is no object", () => {
  const [empty] = scenes(1, 4, { objects: [0, 0] });
  const random = new Random(9);
  for (let i = 0; i < 50; i++) {
    const { text, isTrueOf } = glimpse(empty!, "background", random);
    expect(readCaption(text).mentions).toEqual([]);
    expect(isTrueOf(empty!)).toBe(true);
  }
});
