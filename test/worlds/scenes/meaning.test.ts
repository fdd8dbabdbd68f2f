/** Whether texts are true of scenes, beside what an independent reader says. */
import { expect, test } from "vitest";
import { allDescriptions, meaningOf, shows, valueOf } from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "./reader.js";
import { scenes } from "./support.js";

const whole = allDescriptions().filter((text) => {
  try {
    const { relation, mentions } = readCaption(text);
    // Two mentions may be of one object here, which the reader does not allow; relations are not read.
    return relation === undefined && mentions.length < 2;
  } catch {
    return false;
  }
});

test("descriptions are true of the scenes that an independent reader finds them true of", () => {
  expect(whole.length).toBeGreaterThan(1500);
  let trues = 0;
  const drawn = scenes(60, 5);
  for (const text of whole) {
    const [reading, meaning] = [readCaption(text), meaningOf(text)];
    for (const scene of drawn) {
      // "two fish" is true here of three as well.
      const exact = reading.mentions.every(({ count }) => count === 1);
      const truth = untruth(scene, reading) === undefined;
      if (exact) expect(shows(scene, meaning), text).toBe(truth);
      else if (truth) expect(shows(scene, meaning), text).toBe(true);
      trues += Number(truth);
    }
  }
  expect(trues).toBeGreaterThan(1000);
});

test("every word of the vocabulary has its value, and others none", () => {
  expect(meaningOf("a big ebony trout with dots in the ocean").values).toEqual([
    { attribute: "size", value: "large" },
    { attribute: "colour", value: "black" },
    { attribute: "shape", value: "fish" },
    { attribute: "texture", value: "dotted" },
    { attribute: "background", value: "sea" },
  ]);
  expect(meaningOf("three boxes")).toEqual({ values: [{ attribute: "shape", value: "square" }], count: 3 });
  expect(meaningOf("a photo of something")).toEqual({ values: [], count: 1 });
});

test("two shapes in a text are two objects", () => {
  const meaning = meaningOf("a fish and a tree");
  const drawn = scenes(400, 1);
  const [both, neither] = [0, 1].map((wanted) =>
    drawn.filter((scene) => {
      const has = (shape: string): boolean => scene.objects.some((object) => object.shape === shape);
      return (has("fish") && has("tree")) === (wanted === 0);
    }),
  );
  expect(both!.length).toBeGreaterThan(0);
  expect(both!.every((scene) => shows(scene, meaning))).toBe(true);
  expect(neither!.some((scene) => shows(scene, meaning))).toBe(false);
});

test("the value of an object's attribute is that of the first object", () => {
  const [scene] = scenes(1, 9);
  expect(valueOf(scene!, "colour")).toBe(scene!.objects[0]!.colour);
  expect(valueOf(scene!, "background")).toBe(scene!.background);
});
