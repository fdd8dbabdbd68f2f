/** What a training step sees. */
import { describe, expect, test } from "vitest";
import type { FloatTensor, Tensor } from "../../../src/engine/tensor/tensor.js";
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
  OBJECT_COUNTS,
  SETTINGS,
  type Settings,
} from "../../../src/recipes/clip-scenes/settings.js";
import {
  ATTRIBUTES,
  attributePrompts,
  caption,
  fullCaption,
  isHeldOut,
  type Scene,
  WORDS,
} from "../../../src/worlds/scenes/index.js";
import { readCaption, untruth } from "../../worlds/scenes/reader.js";
import { expectRate, scenes } from "../../worlds/scenes/support.js";

const SMALL: Settings = { ...SETTINGS, batch: 6 };
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

describe("a batch", () => {
  const first = trainingBatch(SMALL, 7, true);

  test("has the shapes of the graph's inputs", () => {
    const shapes = Object.entries(first).map(([name, { shape, dtype }]) => [name, dtype, [...shape]]);
    expect(shapes).toEqual([
      ["pixels", "float32", [6, 3, 64, 64]],
      ["tokens", "int32", [12, CONTEXT_LENGTH]],
      ["ends", "int32", [12]],
      ["kept", "int32", [6, 33]],
    ]);
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
    const { pixels, tokens, ends } = first;
    expect(trainingBatch(SMALL, 7, false)).toEqual({ pixels, tokens, ends });
  });

  test("shows the scenes of its stream, normalised", () => {
    expect(scenePixels(scenesOf(SMALL, 7))).toEqual(first["pixels"]);
    const { data } = first["pixels"] as FloatTensor;
    expect(data.every((value) => value >= -2 && value <= 2)).toBe(true);
    expect(data.some((value) => value < -0.5) && data.some((value) => value > 0.5)).toBe(true);
  });

  test("has two true captions of each picture, the second one short", () => {
    const lengths = [0, 0];
    for (let step = 0; step < 30; step++) {
      const texts = rowsOf(trainingBatch(SMALL, step, false)["tokens"]!).map((row) => sceneTokenizer().decode(row));
      for (const [b, scene] of scenesOf(SMALL, step).entries()) {
        for (const i of [0, 1]) {
          const text = texts[i * SMALL.batch + b]!;
          expect(untruth(scene, readCaption(text)), text).toBeUndefined();
          lengths[i]! += text.split(" ").length;
        }
      }
    }
    expect(lengths[0]).toBeGreaterThan(1.3 * lengths[1]!);
  }, 120_000);
});

test("masked pictures keep the class token and patches of their own, all patches alike", () => {
  // Pictures take time to draw, choices of patches do not: few pictures, many steps.
  const settings = { ...SETTINGS, batch: 2 };
  const seen = new Array<number>(TOKENS).fill(0);
  const steps = 200;
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
  for (const count of seen.slice(1)) expectRate(count, 2 * steps, SETTINGS.patches / 64);
}, 120_000);

test("training never shows a held-out combination, and mostly fish in the sea", () => {
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

  /** Whether a text has room in the context: with more room it would not be longer. */
  function expectToFit(texts: readonly string[]): void {
    const { tokens, ends } = textRows(texts);
    const roomy = rowsOf(tokenizer.encode(texts, { contextLength: 77 }));
    for (const [i, row] of rowsOf(tokens).entries()) {
      const end = roomy[i]!.indexOf(tokenizer.endId);
      expect(row, texts[i]).toEqual(roomy[i]!.slice(0, CONTEXT_LENGTH));
      expect(ends.data[i], texts[i]).toBe(end);
      expect(row[end]).toBe(tokenizer.endId);
      // One token a word.
      expect(end - 1).toBe(texts[i]!.split(" ").length);
    }
  }

  test.each(CAPTION_DETAIL)("captions of a detail from %d to %d fit the context", (least, most) => {
    const random = seeded(2, "fit");
    expectToFit(
      scenes(3000, 2).map((scene) => caption(scene, random, { detail: least + random.uniform() * (most - least) })),
    );
  });

  test("full captions and prompts fit the context", () => {
    expectToFit(scenes(3000, 3).map(fullCaption));
    expectToFit(ATTRIBUTES.flatMap((name) => attributePrompts(name).flatMap(({ prompts }) => prompts)));
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
