import { describe, expect, test } from "vitest";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { assignByNearness, assignByWords, labelHeads } from "../../../src/methods/interpret/properties.js";
import {
  ATTRIBUTE_WORDS,
  type Attribute,
  attributePrompts,
  ATTRIBUTES,
  attributeTexts,
  Random,
} from "../../../src/worlds/scenes/index.js";

const scenes = Object.entries(ATTRIBUTE_WORDS).map(([name, words]) => ({ name, words }));

describe("assignByWords", () => {
  const properties = [
    { name: "colour", words: ["red", "dark red"] },
    { name: "position", words: ["on the left", "left"] },
    { name: "relation", words: ["to the left of"] },
  ];

  test("takes whole words of any case, the longest phrase first", () => {
    const texts = [
      "Something RED",
      "a credit card",
      "to the left of it",
      "red, on the left",
      "the left of the dark red",
    ];
    expect(assignByWords(texts, properties)).toEqual([
      { properties: ["colour"], words: ["red"] },
      { properties: [], words: [] },
      { properties: ["relation"], words: ["to the left of"] },
      { properties: ["colour", "position"], words: ["red", "on the left"] },
      { properties: ["position", "colour"], words: ["left", "dark red"] },
    ]);
  });

  test.each<Attribute>(ATTRIBUTES)("knows texts of scenes about %s", (attribute) => {
    const prompts = attributePrompts(attribute).flatMap(({ prompts: own }) => own);
    const random = new Random(3);
    const drawn = Array.from({ length: 20 }, () => attributeTexts(attribute, random)).flat();
    for (const { properties: found } of assignByWords([...prompts, ...drawn], scenes)) {
      expect(found).toEqual([attribute]);
    }
  });

  test.each([
    [[], "none"],
    [[{ name: "a", words: [] }], '"a" without words'],
    [
      [
        { name: "a", words: ["x"] },
        { name: "a", words: ["y"] },
      ],
      '"a" twice',
    ],
  ])("refuses properties %j", (unusable, says) => {
    expect(() => assignByWords(["x"], unusable)).toThrow(says);
  });
});

test("assignByNearness takes the nearest word of texts and words less their means", () => {
  const properties = [
    { name: "colour", words: ["red", "blue"] },
    { name: "shape", words: ["round"] },
  ];
  // All lie near (10, 0, 0), which says nothing. Less that, texts and words are ±e2, ±e3 but for the words' own lengths.
  const words = floatTensor(Float32Array.of(10, 1, 0, 10, -1, 0.2, 10, 0, 1), [3, 3]);
  const texts = floatTensor(Float32Array.of(10, 2, 0, 10, -2, 0.1, 10, 0, 2, 10, 0, -2), [4, 3]);
  const found = assignByNearness(texts, words, properties);
  expect(found.map(({ properties: names }) => names[0])).toEqual(["colour", "colour", "shape", "colour"]);
  expect(found.slice(0, 3).map(({ words: near }) => near[0])).toEqual(["red", "blue", "round"]);
  for (const { margin } of found) expect(margin).toBeGreaterThan(0);
  expect(() => assignByNearness(texts, texts, properties)).toThrow(RangeError);
});

describe("labelHeads", () => {
  const texts = ["red", "round", "round and red", "nothing", "blue"];
  const assignments = assignByWords(texts, [
    { name: "colour", words: ["red", "blue"] },
    { name: "shape", words: ["round"] },
  ]);
  const label = (picks: readonly number[], count?: number) =>
    labelHeads([{ layer: 2, head: 1, picks }], texts, assignments, count)[0]!;

  test("takes the property with the largest share, and shows what speaks for it", () => {
    const found = label([1, 0, 2, 4, 3]);
    expect(found).toMatchObject({ layer: 2, head: 1, label: "colour" });
    // red ⅕, blue ⅕ and half of "round and red" against round ⅕ and the other half.
    expect(found.share).toBeCloseTo(0.5);
    expect(found.margin).toBeCloseTo(0.2);
    expect(found.texts.map(({ text, agrees }) => [text, agrees])).toEqual([
      ["round", false],
      ["red", true],
      ["round and red", true],
      ["blue", true],
      ["nothing", false],
    ]);
  });

  test("of equal shares takes the one named first, and reads no more texts than asked", () => {
    expect(label([1, 0, 4], 2)).toMatchObject({ label: "shape", margin: 0, share: 0.5 });
    expect(label([1, 0, 4], 3)).toMatchObject({ label: "colour" });
  });

  test("leaves a head without label whose texts speak of nothing", () => {
    expect(label([3])).toMatchObject({ label: undefined, share: 0, margin: 0, texts: [{ agrees: false }] });
  });
});
