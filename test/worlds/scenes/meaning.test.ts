/** What texts say, beside what an independent reader says. */
import { expect, test } from "vitest";
import { allDescriptions, shareShown, valueOf, valuesSaid } from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "./reader.js";
import { scenes } from "./support.js";

/** Descriptions that say one value and nothing else, of one object. */
const single = allDescriptions().filter((text) => {
  try {
    const { relation, mentions, style, background } = readCaption(text);
    const said = mentions.flatMap((mention) => Object.keys(mention).filter((key) => key !== "count"));
    const ofScene = [style, background].filter((value) => value !== undefined && value !== "any");
    const one = mentions.every(({ count }) => count === 1) && said.length + ofScene.length === 1;
    return relation === undefined && one;
  } catch {
    return false;
  }
});

test("descriptions of one value are shown by the scenes that an independent reader finds them true of", () => {
  expect(single.length).toBeGreaterThan(100);
  let trues = 0;
  for (const text of single) {
    const [reading, said] = [readCaption(text), valuesSaid(text)];
    for (const scene of scenes(200, 5)) {
      const truth = untruth(scene, reading) === undefined;
      expect(shareShown(scene, said), text).toBe(Number(truth));
      trues += Number(truth);
    }
  }
  expect(trues).toBeGreaterThan(1000);
});

test("every word of the vocabulary has its value, and others none", () => {
  expect(valuesSaid("a big ebony trout with dots in the ocean")).toEqual([
    { attribute: "size", value: "large" },
    { attribute: "colour", value: "black" },
    { attribute: "shape", value: "fish" },
    { attribute: "texture", value: "dotted" },
    { attribute: "background", value: "sea" },
  ]);
  expect(valuesSaid("three boxes")).toEqual([{ attribute: "shape", value: "square" }]);
  expect(valuesSaid("a photo of something")).toEqual([]);
});

test("of several values, the share counts that is to be seen", () => {
  const [scene] = scenes(1, 9, { objects: [1, 1] });
  const { shape, colour } = scene!.objects[0]!;
  const elsewhere = scene!.background === "sky" ? "in the sea" : "in the sky";
  expect(shareShown(scene!, valuesSaid(`a ${colour} ${shape} ${elsewhere}`))).toBeCloseTo(2 / 3, 12);
  expect(shareShown(scene!, [])).toBe(0);
});

test("the value of an object's attribute is that of the first object", () => {
  const [scene] = scenes(1, 9);
  expect(valueOf(scene!, "colour")).toBe(scene!.objects[0]!.colour);
  expect(valueOf(scene!, "background")).toBe(scene!.background);
});
