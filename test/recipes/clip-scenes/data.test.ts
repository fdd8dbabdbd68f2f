/** What a training step sees. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../src/engine/tensor/tensor.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { scenePixels, sceneTokenizer, textRows, trainingBatch } from "../../../src/recipes/clip-scenes/data.js";
import { drawTrainingScene } from "../../../src/recipes/clip-scenes/curriculum.js";
import {
  ATTRIBUTE_LENGTH,
  CAPTION_DETAIL,
  CONTEXT_LENGTH,
  SETTINGS,
  type Settings,
  WORDINGS,
} from "../../../src/recipes/clip-scenes/settings.js";
import {
  ATTRIBUTES,
  attributePrompts,
  attributeTexts,
  caption,
  fullCaption,
  type Scene,
  valuesOf,
  WORDS,
} from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "../../worlds/scenes/reader.js";
import { scenes } from "../../worlds/scenes/support.js";

const SMALL: Settings = { ...SETTINGS, batch: 24 };
/** The class token and 8 × 8 patches. */
const TOKENS = 65;
const VALUES = ATTRIBUTES.flatMap((attribute) => valuesOf(attribute)).length;

/** The scenes of a batch, drawn as the batch draws them. */
function scenesOf({ seed, batch, steps }: Settings, step: number): Scene[] {
  const random = seeded(seed, "scenes", step);
  return Array.from({ length: batch }, () => drawTrainingScene(random, step / steps));
}

const numbers = ({ data }: Tensor): number[] => [...data];

function rowsOf({ data, shape }: Tensor): number[][] {
  const width = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) => [...data.subarray(row * width, (row + 1) * width)]);
}

const textsOf = (tokens: Tensor): string[] => rowsOf(tokens).map((row) => sceneTokenizer().decode(row));

const isTrue = (text: string, scene: Scene): boolean => untruth(scene, readCaption(text)) === undefined;

describe("a batch", () => {
  const { batch } = SMALL;
  const first = trainingBatch(SMALL, 7, true);
  const drawn = scenesOf(SMALL, 7);

  test("has the shapes of the graph's inputs", () => {
    const shapes = Object.entries(first).map(([name, { shape, dtype }]) => [name, `${dtype} ${shape.join("×")}`]);
    const tokens = SETTINGS.patches + 1;
    expect(Object.fromEntries(shapes)).toEqual({
      pixels: `float32 ${batch}×3×64×64`,
      captionTokens: `int32 ${batch}×${CONTEXT_LENGTH}`,
      captionEnds: `int32 ${batch}`,
      attributeTokens: `int32 ${WORDINGS * VALUES}×${ATTRIBUTE_LENGTH}`,
      attributeEnds: `int32 ${WORDINGS * VALUES}`,
      targets: `float32 ${batch * tokens}×${VALUES}`,
      kept: `int32 ${batch}×${tokens}`,
    });
  });

  test("is a pure function of seed and step", () => {
    trainingBatch(SMALL, 3, true);
    expect(trainingBatch(SMALL, 7, true)).toEqual(first);
  });

  test.each<[string, Settings, number]>([
    ["step", SMALL, 8],
    ["seed", { ...SMALL, seed: 1 }, 7],
  ])("differs in everything for another %s", (_what, settings, step) => {
    const other = trainingBatch(settings, step, true);
    for (const name of Object.keys(first)) expect(numbers(other[name]!), name).not.toEqual(numbers(first[name]!));
  });

  test("shows the same pictures and texts, whole or cropped", () => {
    const whole = trainingBatch(SMALL, 7, false);
    expect(whole["kept"]).toBeUndefined();
    expect(whole["targets"]!.shape).toEqual([batch * TOKENS, VALUES]);
    for (const name of ["pixels", "captionTokens", "captionEnds", "attributeTokens", "attributeEnds"])
      expect(whole[name], name).toEqual(first[name]);
  });

  test("shows the scenes of its stream, normalised", () => {
    const { pixels } = first;
    expect(scenePixels(drawn)).toEqual(pixels);
    expect(pixels!.data.every((value) => value >= -2 && value <= 2)).toBe(true);
    expect(pixels!.data.some((value) => value < -0.5) && pixels!.data.some((value) => value > 0.5)).toBe(true);
  });

  test("captions are true of their pictures, and seldom of others", () => {
    let strays = 0;
    for (const [b, text] of textsOf(first["captionTokens"]!).entries()) {
      expect(isTrue(text, drawn[b]!), text).toBe(true);
      if (isTrue(text, drawn[(b + 1) % batch]!)) strays++;
    }
    expect(strays).toBeLessThan(batch / 4);
  });

  test("draws its words from a stream of their own", () => {
    const words = seeded(SMALL.seed, "captions", 7);
    const [least, most] = CAPTION_DETAIL;
    const captions = drawn.map((scene) => caption(scene, words, { detail: least + words.uniform() * (most - least) }));
    const { tokens, ends } = textRows(captions);
    expect(tokens).toEqual(first["captionTokens"]);
    expect(ends).toEqual(first["captionEnds"]);
    const texts = Array.from({ length: WORDINGS }, () => ATTRIBUTES.flatMap((name) => attributeTexts(name, words)));
    expect(textRows(texts.flat(), ATTRIBUTE_LENGTH).tokens).toEqual(first["attributeTokens"]);
    // The same values in other words.
    expect(texts[0]).not.toEqual(texts[1]);
  });
});

test("no two of the streams that a run draws from are the same", () => {
  const steps = Array.from({ length: SETTINGS.steps }, (_, step) => step);
  const streams = [
    ...["scenes", "captions", "patches"].flatMap((name) => steps.map((step) => seeded(SETTINGS.seed, name, step))),
    seeded(SETTINGS.seed, "validation"),
    seeded(SETTINGS.seed, "test"),
  ];
  const starts = streams.map((random) => `${random.uniform()} ${random.uniform()}`);
  expect(new Set(starts).size).toBe(starts.length);
});

describe("texts", () => {
  const tokenizer = sceneTokenizer();

  /** Whether texts have room in the context: with more room they would not be longer. */
  function expectToFit(texts: readonly string[], contextLength = CONTEXT_LENGTH): void {
    const { tokens, ends } = textRows(texts, contextLength);
    const roomy = rowsOf(tokenizer.encode(texts, { contextLength: 77 }));
    for (const [i, row] of rowsOf(tokens).entries()) {
      const end = roomy[i]!.indexOf(tokenizer.endId);
      expect(row, texts[i]).toEqual(roomy[i]!.slice(0, contextLength));
      expect(ends.data[i], texts[i]).toBe(end);
      expect(row[end]).toBe(tokenizer.endId);
      // One token a word.
      expect(end - 1).toBe(texts[i]!.split(" ").length);
    }
  }

  test("captions, full captions and prompts fit the context", () => {
    const random = seeded(2, "fit");
    expectToFit(scenes(3000, 2).map((scene) => caption(scene, random, { detail: random.uniform() })));
    expectToFit(scenes(3000, 3).map(fullCaption));
    expectToFit(ATTRIBUTES.flatMap((name) => attributePrompts(name).flatMap(({ prompts }) => prompts)));
  });

  test.each(ATTRIBUTES)("texts of %s fit theirs", (attribute) => {
    const random = seeded(3, "fit", attribute);
    expectToFit(Array.from({ length: 300 }, () => attributeTexts(attribute, random)).flat(), ATTRIBUTE_LENGTH);
  });

  test("this check notices a text that is cut", () => {
    expect(() => {
      expectToFit([
        Array<string>(CONTEXT_LENGTH - 1)
          .fill("fish")
          .join(" "),
      ]);
    }).toThrow();
  });

  test("every word of the world is one token of its own", () => {
    const { tokens } = textRows(WORDS);
    const rows = rowsOf(tokens);
    const ids = rows.map(([start, id, end, ...rest]) => {
      expect([start, end, ...rest]).toEqual([tokenizer.startId, tokenizer.endId, ...rest.map(() => 0)]);
      return id!;
    });
    expect(new Set(ids).size).toBe(WORDS.length);
    expect(Math.max(...ids)).toBeLessThan(tokenizer.startId);
  });

  test("other words are spelt, and decode back", () => {
    for (const text of ["zebra", "a photo of a zebra", "fishes", "redder", "q"]) {
      const [row] = rowsOf(textRows([text]).tokens) as [number[]];
      expect(tokenizer.decode(row)).toBe(text);
    }
    const [row] = rowsOf(textRows(["zebra"]).tokens) as [number[]];
    expect(row.indexOf(tokenizer.endId)).toBeGreaterThan(2);
  });
});
