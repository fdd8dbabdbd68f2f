/** What a training step sees. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../../../src/engine/tensor/tensor.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import {
  drawScene,
  scenePixels,
  sceneTokenizer,
  textRows,
  TRAINING_SCENES,
  trainingBatch,
} from "../../../src/recipes/clip-scenes/data.js";
import {
  CAPTION_DETAIL,
  CONTEXT_LENGTH,
  GLIMPSE_LENGTH,
  GLIMPSE_SHARES,
  GLIMPSES_A_PICTURE,
  OBJECT_COUNTS,
  SETTINGS,
  type Settings,
} from "../../../src/recipes/clip-scenes/settings.js";
import {
  ATTRIBUTES,
  attributePrompts,
  caption,
  fullCaption,
  glimpse,
  GLIMPSES,
  isHeldOut,
  type Scene,
  WORDS,
} from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "../../worlds/scenes/reader.js";
import { expectRate, scenes } from "../../worlds/scenes/support.js";

const SMALL: Settings = { ...SETTINGS, batch: 24 };
/** The class token and 8 × 8 patches. */
const TOKENS = 65;

/** The scenes of a batch, drawn as the batch draws them. */
function scenesOf({ seed, batch }: Settings, step: number): Scene[] {
  const random = seeded(seed, "scenes", step);
  return Array.from({ length: batch }, () => drawScene(random));
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
    const all = GLIMPSES_A_PICTURE * batch;
    expect(Object.fromEntries(shapes)).toEqual({
      pixels: `float32 ${batch}×3×64×64`,
      captionTokens: `int32 ${batch}×${CONTEXT_LENGTH}`,
      captionEnds: `int32 ${batch}`,
      glimpseTokens: `int32 ${all}×${GLIMPSE_LENGTH}`,
      glimpseEnds: `int32 ${all}`,
      ...Object.fromEntries(
        Array.from({ length: GLIMPSES_A_PICTURE }, (_, i) => [`true${i}`, `float32 ${batch}×${batch}`]),
      ),
      kept: `int32 ${batch}×${SETTINGS.patches + 1}`,
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

  test("shows the same pictures and texts, masked or not", () => {
    const { kept, ...rest } = first;
    expect(kept).toBeDefined();
    expect(trainingBatch(SMALL, 7, false)).toEqual(rest);
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

  test("glimpses are short, and matched with the pictures that they are true of", () => {
    const texts = textsOf(first["glimpseTokens"]!);
    const shares: number[] = [];
    for (let i = 0; i < GLIMPSES_A_PICTURE; i++) {
      for (const [b, row] of rowsOf(first[`true${i}`]!).entries()) {
        const text = texts[i * batch + b]!;
        expect(text.split(" ").length).toBeLessThanOrEqual(GLIMPSE_LENGTH - 2);
        expect(row, text).toEqual(drawn.map((scene) => Number(isTrue(text, scene))));
        expect(row[b], text).toBe(1);
        shares.push(row.reduce((sum, one) => sum + one, 0) / batch);
      }
    }
    // Neither of one picture alone, nor of all.
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
    expect(mean).toBeGreaterThan(0.05);
    expect(mean).toBeLessThan(0.6);
  });

  test("draws its words from a stream of their own", () => {
    const words = seeded(SMALL.seed, "captions", 7);
    const [least, most] = CAPTION_DETAIL;
    const captions = drawn.map((scene) => caption(scene, words, { detail: least + words.uniform() * (most - least) }));
    const { tokens, ends } = textRows(captions);
    expect(tokens).toEqual(first["captionTokens"]);
    expect(ends).toEqual(first["captionEnds"]);
  });
});

test("masked pictures keep the class token and patches of their own, all patches alike", () => {
  const settings = { ...SETTINGS, batch: 8 };
  const seen = new Array<number>(TOKENS).fill(0);
  const steps = 60;
  for (let step = 0; step < steps; step++) {
    const { kept } = trainingBatch(settings, step, true);
    for (const [b, row] of rowsOf(kept!).entries()) {
      const [classToken, ...patches] = row.map((token) => token - b * TOKENS);
      expect(classToken).toBe(0);
      expect(new Set(patches).size).toBe(SETTINGS.patches);
      for (const patch of patches) {
        expect(patch).toBeGreaterThanOrEqual(1);
        expect(patch).toBeLessThan(TOKENS);
        seen[patch]!++;
      }
    }
  }
  for (const count of seen.slice(1)) expectRate(count, 8 * steps, SETTINGS.patches / 64);
}, 120_000);

test("training never shows a held-out combination, and fish mostly in the sea", () => {
  const shown = Array.from({ length: 60 }, (_, step) => scenesOf(SETTINGS, step)).flat();
  expect(shown.flatMap(({ objects }) => objects).filter(isHeldOut)).toEqual([]);
  const fish = shown.filter(({ objects }) => objects.some(({ shape }) => shape === "fish"));
  expectRate(fish.filter(({ background }) => background === "sea").length, fish.length, 0.9);
  // It could: without that choice a good part of the scenes has one.
  const free = scenes(500, 1).filter(({ objects }) => objects.some(isHeldOut));
  expect(free.length).toBeGreaterThan(50);
});

test("scenes have one to four objects, as often as the settings say", () => {
  const random = seeded(1, "counts");
  const counts = Array.from({ length: 4000 }, () => drawScene(random).objects.length);
  for (const [i, share] of OBJECT_COUNTS.entries())
    expectRate(counts.filter((count) => count === i + 1).length, counts.length, share);
  expect(OBJECT_COUNTS.reduce<number>((a, b) => a + b, 0)).toBeCloseTo(1, 12);
});

test("all kinds of glimpses have a share, and there is no more to share", () => {
  expect(Object.keys(GLIMPSE_SHARES).sort()).toEqual([...GLIMPSES].sort());
  expect(Object.values(GLIMPSE_SHARES).reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
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

  test.each(GLIMPSES)("glimpses of %s fit theirs", (kind) => {
    const random = seeded(3, "fit", kind);
    expectToFit(
      scenes(2000, 4).map((scene) => glimpse(scene, kind, random).text),
      GLIMPSE_LENGTH,
    );
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

test("the options of training are correlated and leave combinations out", () => {
  expect(TRAINING_SCENES).toEqual({ spurious: { rate: 0.9 }, combinations: "seen" });
});
