/** Evaluation on features made by hand, where it is known which answers are right and which are wrong. */
import { describe, expect, test } from "vitest";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { attributeClasses, predictions } from "../../../src/methods/scene-classes.js";
import { attributeHits, type Encoders, retrievalHits, shareOf } from "../../../src/recipes/clip-scenes/evaluate.js";
import {
  type Attribute,
  attributePrompts,
  ATTRIBUTES,
  fullCaption,
  positionOf,
  type Scene,
  valueOf,
} from "../../../src/worlds/scenes/index.js";
import { scenes } from "../../worlds/scenes/support.js";

function rows(...list: readonly (readonly number[])[]): FloatTensor {
  return floatTensor(Float32Array.from(list.flat()), [list.length, list[0]!.length]);
}

/** `size` zeros and a number other than 0. */
function only(index: number, size: number, value = 1): number[] {
  return Array.from({ length: size }, (_, i) => (i === index ? value : 0));
}

const never = (): Promise<FloatTensor> => Promise.reject(new Error("not asked for"));

describe("predictions", () => {
  const classes = { values: ["red", "green", "blue"], directions: rows([1, 0], [0, 1], [-0.6, -0.8]) };

  test("are the values whose direction is nearest, however long the features", () => {
    const features = rows([0.1, 0.05], [30, 40], [-1, -1], [-5, 1]);
    expect(predictions(features, classes)).toEqual(["red", "green", "blue", "blue"]);
  });

  test("are among the values that are allowed", () => {
    const features = rows([0.1, 0.05], [30, 40], [-1, -2]);
    expect(predictions(features, classes, ["green", "blue"])).toEqual(["green", "green", "blue"]);
    expect(predictions(features, classes, ["blue", "red"])).toEqual(["red", "red", "blue"]);
    expect(predictions(features, classes, ["blue"])).toEqual(["blue", "blue", "blue"]);
  });
});

test("a class's direction is the mean of its prompts' directions, whatever their lengths", async () => {
  const entries = attributePrompts("size");
  const all = entries.flatMap(({ prompts }) => prompts);
  // Of each value, the first prompt points one way and is long, the others point another way.
  const firsts = new Set(entries.map(({ prompts }) => prompts[0]!));
  const texts = (asked: readonly string[]): Promise<FloatTensor> => {
    expect(asked).toEqual(all);
    return Promise.resolve(rows(...asked.map((prompt) => (firsts.has(prompt) ? [100, 0] : [0, 0.01]))));
  };
  const { values, directions } = await attributeClasses(texts, "size");
  expect(values).toEqual(["small", "medium", "large"]);
  for (const [i, { prompts }] of entries.entries()) {
    const others = prompts.length - 1;
    const [x, y] = directions.data.subarray(2 * i, 2 * i + 2);
    expect(x).toBeCloseTo(1 / Math.hypot(1, others), 6);
    expect(y).toBeCloseTo(others / Math.hypot(1, others), 6);
  }
});

/** A text tower that knows the prompts of an attribute: the value's index is where its feature points. */
function promptEncoder(attribute: Attribute): Encoders {
  const entries = attributePrompts(attribute);
  const indexOf = new Map(entries.flatMap(({ prompts }, i) => prompts.map((prompt) => [prompt, i] as const)));
  const texts = (asked: readonly string[]): Promise<FloatTensor> =>
    Promise.resolve(rows(...asked.map((text) => only(indexOf.get(text)!, entries.length))));
  return { images: never, texts };
}

describe.each(ATTRIBUTES)("hits for %s", (attribute) => {
  const values = attributePrompts(attribute).map(({ value }) => value);
  const singles = scenes(60, 1, { objects: [1, 1] });

  test("are the scenes that were told right, and no others", async () => {
    // Every third answer is the value after the right one.
    const features = rows(
      ...singles.map((scene, i) => {
        const right = values.indexOf(valueOf(scene, attribute));
        return only((right + (i % 3 === 0 ? 1 : 0)) % values.length, values.length, 5);
      }),
    );
    const hits = await attributeHits(promptEncoder(attribute), singles, features, attribute);
    expect(hits).toEqual(singles.map((_, i) => i % 3 !== 0));
    expect(shareOf(hits)).toBeCloseTo(2 / 3, 12);
  });
});

test("values are the scene's own", () => {
  const [scene] = scenes(1, 2, { objects: [1, 1] }) as [Scene];
  const [object] = scene.objects;
  expect(Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, valueOf(scene, attribute)]))).toEqual({
    shape: object!.shape,
    colour: object!.colour,
    texture: object!.texture,
    size: object!.size,
    position: positionOf(object!),
    background: scene.background,
    style: scene.style,
  });
});

describe("retrieval", () => {
  const drawn = scenes(6, 3);

  /** Encoders that give these rows, in the order of the scenes. */
  function encodersOf(images: FloatTensor, texts: FloatTensor, of: readonly Scene[] = drawn): Encoders {
    return {
      images: (asked) => {
        expect(asked).toEqual(of);
        return Promise.resolve(images);
      },
      texts: (asked) => {
        expect(asked).toEqual(of.map(fullCaption));
        return Promise.resolve(texts);
      },
    };
  }

  const own = drawn.map((_, i) => only(i, 6));

  test("finds all where pictures and captions agree", async () => {
    const found = await retrievalHits(encodersOf(rows(...own), rows(...own)), drawn, 6);
    expect(found).toEqual({ text: Array(6).fill(true), image: Array(6).fill(true) });
  });

  test("misses captions that were swapped, both ways", async () => {
    const swapped = [own[1]!, own[0]!, ...own.slice(2)];
    const found = await retrievalHits(encodersOf(rows(...own), rows(...swapped)), drawn, 6);
    expect(found.text).toEqual([false, false, true, true, true, true]);
    expect(found.image).toEqual([false, false, true, true, true, true]);
  });

  test("tells the two directions apart", async () => {
    // Picture 0 lies as near to caption 1 as picture 1 does, so that caption 1 still finds picture 1, but picture 0 errs.
    const images = [[0.4, 0.9, 0, 0, 0, 0], ...own.slice(1)];
    const found = await retrievalHits(encodersOf(rows(...images), rows(...own)), drawn, 6);
    expect(found.text).toEqual([false, true, true, true, true, true]);
    expect(found.image).toEqual([true, true, true, true, true, true]);
  });

  test("compares directions, not lengths", async () => {
    const texts = own.map((row, i) => row.map((x) => (i === 2 ? 100 * x + 60 : x + 0.1)));
    const images = own.map((row, i) => row.map((x) => (i === 4 ? 50 * x + 10 : x + 0.2)));
    const found = await retrievalHits(encodersOf(rows(...images), rows(...texts)), drawn, 6);
    expect(found).toEqual({ text: Array(6).fill(true), image: Array(6).fill(true) });
  });

  test("stays within groups", async () => {
    // Caption 4 is picture 0's best, and so is caption 1 that of picture 5, but they are of other groups.
    const images = [only(4, 6), own[1]!, own[2]!, own[3]!, own[4]!, only(1, 6)];
    const texts = own.map((row, i) => row.map((x, d) => x + (i === d ? 0 : i === 0 && d === 4 ? 0.2 : 0)));
    texts[5] = [0, 0.2, 0, 0, 0, 1];
    const encoders = encodersOf(rows(...images), rows(...texts));
    expect((await retrievalHits(encoders, drawn, 3)).text).toEqual(Array(6).fill(true));
    expect((await retrievalHits(encoders, drawn, 6)).text).toEqual([false, true, true, true, true, false]);
  });

  test("takes scenes of the same caption for one another, and no other for them", async () => {
    const twins = [drawn[0]!, { ...drawn[0]!, seed: 5 }, drawn[2]!];
    const swapped = rows(only(1, 3), only(0, 3), only(2, 3));
    const straight = rows(only(0, 3), only(1, 3), only(2, 3));
    const found = await retrievalHits(encodersOf(straight, swapped, twins), twins, 3);
    expect(found).toEqual({ text: [true, true, true], image: [true, true, true] });
    const turned = rows(only(2, 3), only(1, 3), only(0, 3));
    const other = await retrievalHits(encodersOf(straight, turned, twins), twins, 3);
    expect(other.text).toEqual([false, true, false]);
  });
});
