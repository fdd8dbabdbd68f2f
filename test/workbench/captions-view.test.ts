import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { floatTensor, intTensor } from "../../src/engine/tensor/tensor.js";
import {
  askedWords,
  believedWords,
  changesOf,
  percent,
  piecesOf,
  wordsAt,
} from "../../workbench/src/rooms/captions/view.js";

const belief = { confidence: 0.2, layer: 3, place: 5, map: floatTensor(new Float32Array(4), [4]) };
const object = (word: string, start: number, probability = 0.5) => ({
  ...belief,
  word,
  object: word,
  start,
  end: start + word.length,
  probability,
});
const text = fc.array(fc.constantFrom("a", "red", "tree", "and", "house"), { maxLength: 12 });

describe("what erasing changed", () => {
  test("both texts can be read off, and words that stay are not told as changed", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        const changes = changesOf(before.join(" "), after.join("  "));
        const without = (kind: string): string =>
          changes
            .filter((change) => change.kind !== kind)
            .map((change) => change.text)
            .join(" ");
        expect(without("new")).toBe(before.join(" "));
        expect(without("gone")).toBe(after.join(" "));
        const count = (kind: string): number =>
          changes.filter((change) => change.kind === kind).flatMap((change) => change.text.split(" ")).length;
        expect(count("same")).toBe(longestCommon(before, after));
      }),
    );
  });

  test("of one word", () => {
    expect(changesOf("a house and a tree", "a house and a bird")).toEqual([
      { kind: "same", text: "a house and a" },
      { kind: "gone", text: "tree" },
      { kind: "new", text: "bird" },
    ]);
  });
});

/** By trying all ways. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const known = new Map<string, number>();
  const of = (i: number, j: number): number => {
    if (i === a.length || j === b.length) return 0;
    const key = `${i} ${j}`;
    const found = known.get(key) ?? Math.max(of(i + 1, j), of(i, j + 1), a[i] === b[j] ? 1 + of(i + 1, j + 1) : 0);
    known.set(key, found);
    return found;
  };
  return of(0, 0);
}

test("pieces of a caption make it up, and those that name something are apart", () => {
  const caption = { text: "a tree by the house", objects: [object("house", 14), object("tree", 2)] };
  const pieces = piecesOf(caption);
  expect(pieces.map((piece) => piece.text)).toEqual(["a ", "tree", " by the ", "house"]);
  expect(pieces.map((piece) => piece.object?.word)).toEqual([undefined, "tree", undefined, "house"]);
});

test("a word that is said twice, or said and asked for, is there once, with what it was said most surely with", () => {
  const asked = [
    { word: "tree", known: true, ...belief } as const,
    { word: "fish", known: true, ...belief } as const,
    { word: "xyz", known: false } as const,
  ];
  expect(
    believedWords([object("tree", 2, 0.4), object("tree", 9, 0.6)], asked).map(({ word, said }) => [word, said]),
  ).toEqual([
    ["tree", 0.6],
    ["fish", undefined],
  ]);
});

test("texts are asked for as words, each once", () => {
  expect(askedWords(["a mushroom", "The mushroom", "an  apple", "apple", "a"])).toEqual(["mushroom", "apple", "a"]);
});

test.each([
  [0, "0.0 %"],
  [0.0004, "< 0.1 %"],
  [0.034, "3.4 %"],
  [0.4567, "46 %"],
  [1, "100 %"],
])("%d is %s", (part, said) => {
  expect(percent(part)).toBe(said);
});

test("words of a patch, likeliest first", () => {
  const lens = {
    grid: 1,
    words: ["x", "y", "z"],
    likeliest: intTensor(Int32Array.of(0, 1, 2, 0), [2, 1, 2]),
    probabilities: floatTensor(Float32Array.of(0.5, 0.25, 0.75, 0.125), [2, 1, 2]),
  };
  expect(wordsAt(lens, 1, 0)).toEqual([
    { word: "z", probability: 0.75 },
    { word: "x", probability: 0.125 },
  ]);
});
