/** Words that deceive, by hand. */
import { describe, expect, test } from "vitest";
import { Random } from "../../../src/engine/tensor/random.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { adversarialScenes } from "../../../src/methods/neurons/adversarial-scenes.js";
import {
  adversarialPrompts,
  adversarialWords,
  classDifference,
  speaksOf,
} from "../../../src/methods/neurons/adversarial.js";
import { adversarialClaim, type AdversarialPair } from "../../../src/methods/neurons/evaluate-adversarial.js";

const row = (...values: number[]) => floatTensor(Float32Array.from(values), [1, values.length]);

describe("words", () => {
  const difference = Float32Array.of(1, -1);
  const layers = [
    {
      layer: 0,
      // Along the difference: 1, -1, 0.1.
      directions: floatTensor(Float32Array.of(1, 0, 0, 1, 0.1, 0), [3, 2]),
      words: [
        {
          words: [
            { text: 0, coefficient: 0.5 },
            { text: 1, coefficient: -0.7 },
          ],
        },
        {
          words: [
            { text: 2, coefficient: -0.6 },
            { text: 0, coefficient: 0.4 },
          ],
        },
        { words: [{ text: 3, coefficient: 9 }] },
      ],
    },
  ];

  test("speak for the wrong class: for it, or against what is shown", () => {
    expect(adversarialWords(layers, difference, { neurons: 2 })).toEqual([
      { text: 2, score: 0.6, layer: 0, neuron: 1 },
      { text: 0, score: 0.5, layer: 0, neuron: 0 },
    ]);
  });

  test("are those of the neurons that matter, less those excluded, as many as asked for", () => {
    const texts = (options: Parameters<typeof adversarialWords>[2]) =>
      adversarialWords(layers, difference, options).map(({ text }) => text);
    expect(texts({})).toEqual([3, 2, 0]);
    expect(texts({ texts: 1 })).toEqual([3]);
    expect(texts({ exclude: (text) => text === 3 })).toEqual([2, 0]);
  });

  test("are found along the difference of directions of length 1", () => {
    expect([...classDifference(row(3, 0), row(0, 5))]).toEqual([1, -1]);
  });
});

test("prompts name what is shown and some of the texts, and repeat by seed", () => {
  const texts = ["a red star", "the sea", "a sketch", "stripes", "the night"];
  const prompts = adversarialPrompts("a fish", texts, { count: 20, texts: 3, seed: 1 });
  expect(prompts).toHaveLength(20);
  for (const prompt of prompts) {
    expect(prompt).toContain("a fish");
    expect(texts.filter((text) => prompt.includes(text))).toHaveLength(3);
  }
  expect(adversarialPrompts("a fish", texts, { count: 20, texts: 3, seed: 1 })).toEqual(prompts);
  expect(() => adversarialPrompts("a fish", [], { count: 1, seed: 0 })).toThrow(/no texts/);
  expect(adversarialPrompts("a fish", ["the sea"], { count: 1, seed: 0 })).toEqual([
    "A picture of a fish, with the sea",
  ]);
});

test("scenes show the shape and what the texts say, and never the wrong shape", () => {
  const texts = ["a red house", "something striped", "the sea", "a sketch of a bird"];
  const drawn = adversarialScenes(texts, { shown: "fish", wrong: "bird", count: 30, texts: 4 }, new Random(4));
  for (const { background, style, objects } of drawn) {
    expect([background, style]).toEqual(["sea", "sketch"]);
    expect(objects[0]).toMatchObject({ shape: "fish", texture: "striped" });
    expect(objects.slice(1)).toMatchObject([{ shape: "house", colour: "red" }]);
  }
});

test("the verdict is on the lead over both controls", () => {
  const pairs = (neurons: number, random: number): AdversarialPair[] =>
    Array.from({ length: 12 }, (_, i) => ({
      shown: "fish",
      wrong: "bird",
      words: [],
      flipped: { neurons: neurons + 0.01 * (i % 3), nearest: 0.9, random, "random neurons": random },
    }));
  expect(adversarialClaim([pairs(0.6, 0.3)], 0).holds).toBe(true);
  expect(adversarialClaim([pairs(0.3, 0.31)], 0).holds).toBe(false);
});

test("texts that hold the class's name, or lie near it, speak of it", () => {
  const features = floatTensor(Float32Array.of(1, 0.1, 1, -0.1, 0, 1, 0, -1), [4, 2]);
  const texts = ["a red Bird!", "birdsong", "the sea", "night"];
  expect(speaksOf("the bird", row(0, 1), texts, features)).toEqual([true, false, true, false]);
});
