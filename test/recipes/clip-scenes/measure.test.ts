/** The card's figures, for models whose answers are known beforehand. */
import { beforeAll, describe, expect, test } from "vitest";
import { type Proportion, proportion } from "../../../src/engine/tensor/proportion.js";
import { type FloatTensor, floatTensor } from "../../../src/engine/tensor/tensor.js";
import { seeded } from "../../../src/engine/train/seeds.js";
import { drawScene, drawTrainingScene } from "../../../src/recipes/clip-scenes/curriculum.js";
import type { Encoders } from "../../../src/recipes/clip-scenes/evaluate.js";
import { type Figures, type GroupAccuracy, measure, spuriousGap } from "../../../src/recipes/clip-scenes/measure.js";
import { SETTINGS } from "../../../src/recipes/clip-scenes/settings.js";
import {
  ATTRIBUTES,
  attributePrompts,
  fullCaption,
  isHeldOut,
  type Scene,
  valueOf,
} from "../../../src/worlds/scenes/index.js";

/** `right` hits of `count`. */
const share = (right: number, count: number): Proportion =>
  proportion(Array.from({ length: count }, (_, i) => i < right));

describe("the gap", () => {
  const group = (
    shape: "fish" | "bird",
    background: "sea" | "sky",
    amongAll: number,
    betweenTwo: number,
  ): GroupAccuracy => ({ shape, background, amongAll: share(amongAll, 100), betweenTwo: share(betweenTwo, 100) });

  test("is from the average, in which groups weigh as in training, to the worst group", () => {
    const groups = [
      group("fish", "sea", 90, 99),
      group("fish", "sky", 30, 60),
      group("bird", "sea", 20, 80),
      group("bird", "sky", 80, 97),
    ];
    const all = spuriousGap(groups, "amongAll");
    expect(all.average).toBeCloseTo((0.9 * (0.9 + 0.8) + 0.1 * (0.3 + 0.2)) / 2, 12);
    expect(all.worst).toBe(0.2);
    const two = spuriousGap(groups, "betweenTwo");
    expect(two.average).toBeCloseTo((0.9 * (0.99 + 0.97) + 0.1 * (0.6 + 0.8)) / 2, 12);
    expect(two.worst).toBe(0.6);
    expect(spuriousGap(groups.toReversed(), "amongAll")).toEqual(all);
  });

  test("is none where all groups are alike", () => {
    const groups = (["fish", "bird"] as const).flatMap((shape) =>
      (["sea", "sky"] as const).map((background) => group(shape, background, 70, 70)),
    );
    const { average, worst } = spuriousGap(groups, "amongAll");
    expect(average).toBeCloseTo(worst, 12);
  });
});

/** Where the features of made-up models point: a place for each value of each attribute, then a code for each caption. */
const PLACES = new Map(
  ATTRIBUTES.flatMap((attribute) => attributePrompts(attribute).map(({ value }) => `${attribute} ${value}`)).map(
    (name, i) => [name, i] as const,
  ),
);
const CODE = 64;
const WIDTH = PLACES.size + CODE;

/** A model that answers `told` for each attribute, and knows every full caption. */
function modelOf(told: (scene: Scene) => Readonly<Record<string, string>>): Encoders & { readonly seen: Scene[][] } {
  const prompts = new Map(
    ATTRIBUTES.flatMap((attribute) =>
      attributePrompts(attribute).flatMap((entry) =>
        entry.prompts.map((prompt) => [prompt, PLACES.get(`${attribute} ${entry.value}`)!] as const),
      ),
    ),
  );
  const coded = (text: string): Float32Array => {
    const out = new Float32Array(WIDTH);
    out.set(seeded(0, "code", text).centred(CODE, 1), PLACES.size);
    return out;
  };
  const joined = (list: readonly Float32Array[]): FloatTensor =>
    floatTensor(Float32Array.from(list.flatMap((row) => [...row])), [list.length, WIDTH]);
  const seen: Scene[][] = [];
  return {
    seen,
    images: (scenes) => {
      seen.push([...scenes]);
      const features = scenes.map((scene) => {
        const out = coded(fullCaption(scene));
        if (scene.objects.length > 0)
          for (const [attribute, value] of Object.entries(told(scene))) out[PLACES.get(`${attribute} ${value}`)!] = 1;
        return out;
      });
      return Promise.resolve(joined(features));
    },
    texts: (texts) => {
      const features = texts.map((text) => {
        const place = prompts.get(text);
        if (place === undefined) return coded(text);
        const out = new Float32Array(WIDTH);
        out[place] = 1;
        return out;
      });
      return Promise.resolve(joined(features));
    },
  };
}

const truth = (scene: Scene): Record<string, string> =>
  Object.fromEntries(ATTRIBUTES.map((attribute) => [attribute, valueOf(scene, attribute)]));

const SEED = 0;
const SCALE = 0.02;
const tables = ({ test, clean, heldOut, independent }: Figures): Record<string, Figures["test"]> => ({
  test,
  clean,
  heldOut,
  independent,
});

describe("a model that knows everything", () => {
  const model = modelOf(truth);
  let figures: Figures;
  beforeAll(async () => {
    figures = await measure(model, SEED, SCALE);
  });

  test("is always right", () => {
    for (const [name, table] of Object.entries(tables(figures))) {
      for (const attribute of ATTRIBUTES)
        expect(table[attribute], `${name} ${attribute}`).toMatchObject({ share: 1, count: 40 });
    }
    expect(figures.retrieval).toMatchObject({ text: { share: 1, count: 256 }, image: { share: 1, count: 256 } });
    for (const among of ["amongAll", "betweenTwo"] as const)
      expect(spuriousGap(figures.groups, among)).toEqual({ average: 1, worst: 1 });
  });

  test("is no better than one answer where there is one", () => {
    const [, tested] = model.seen as [Scene[], Scene[]];
    const clean = tested.filter(({ style }) => style === "clean").length / tested.length;
    expect(figures.constant.style).toBe(clean);
    expect(clean).toBeGreaterThan(0.3);
    for (const attribute of ATTRIBUTES) {
      const values = tested.map((scene) => valueOf(scene, attribute));
      const most = Math.max(...values.map((value) => values.filter((other) => other === value).length));
      expect(figures.constant[attribute], attribute).toBe(most / tested.length);
    }
  });

  test("was asked about the scenes that the card tells of", () => {
    const [retrieval, asTrained, clean, heldOut, independent, ...groups] = model.seen as [Scene[], ...Scene[][]];
    expect(model.seen.map(({ length }) => length)).toEqual([256, 40, 40, 40, 40, 10, 10, 10, 10]);
    const first = ({ objects }: Scene): Scene["objects"][number] => objects[0]!;
    expect(new Set(retrieval.map(({ objects }) => objects.length))).toEqual(new Set([1, 2, 3, 4]));
    for (const set of model.seen.slice(1)) expect(set.every(({ objects }) => objects.length === 1)).toBe(true);
    for (const set of [retrieval, asTrained!, clean!, independent!, ...groups])
      expect(set.flatMap(({ objects }) => objects).filter(isHeldOut)).toEqual([]);
    expect(heldOut!.map(first).every(isHeldOut)).toBe(true);
    expect(clean!.every(({ style }) => style === "clean")).toBe(true);
    expect(new Set(asTrained!.map(({ style }) => style)).size).toBeGreaterThan(3);
    expect(groups.map((set) => new Set(set.map((scene) => `${first(scene).shape} ${scene.background}`)))).toEqual(
      ["fish sea", "fish sky", "bird sea", "bird sky"].map((name) => new Set([name])),
    );
  });

  test("was asked about scenes that neither training nor validation shows, and other ones for other seeds", async () => {
    const text = (scene: Scene): string => JSON.stringify(scene);
    const tested = new Set(model.seen.flat().map(text));
    const validation = seeded(SEED, "validation");
    const others = [
      ...Array.from({ length: 512 }, () => drawScene(validation)),
      ...Array.from({ length: 50 }, (_, step) => seeded(SETTINGS.seed, "scenes", step)).flatMap((random) =>
        Array.from({ length: SETTINGS.batch }, () => drawTrainingScene(random, 1)),
      ),
    ];
    expect(others.filter((scene) => tested.has(text(scene)))).toEqual([]);
    const again = modelOf(truth);
    await measure(again, SEED, SCALE);
    expect(again.seen).toEqual(model.seen);
    const elsewhere = modelOf(truth);
    await measure(elsewhere, SEED + 1, SCALE);
    expect(elsewhere.seen.flat().filter((scene) => tested.has(text(scene)))).toEqual([]);
  });
});

describe("a model that takes the background for the shape", () => {
  const guess = (scene: Scene): string => (scene.background === "sea" ? "fish" : "bird");
  const model = modelOf((scene) => ({ ...truth(scene), shape: guess(scene) }));

  test("is right in the groups that training shows, and in no other", async () => {
    const { groups, test: singles } = await measure(model, SEED, SCALE);
    expect(groups.map(({ shape, background, amongAll }) => [shape, background, amongAll.share])).toEqual([
      ["fish", "sea", 1],
      ["fish", "sky", 0],
      ["bird", "sea", 0],
      ["bird", "sky", 1],
    ]);
    expect(groups.map(({ betweenTwo }) => betweenTwo.share)).toEqual([1, 0, 0, 1]);
    expect(spuriousGap(groups, "amongAll")).toEqual({ average: 0.9, worst: 0 });
    const scenes = model.seen[1]!;
    const right = scenes.filter((scene) => scene.objects[0]!.shape === guess(scene)).length;
    expect(singles.shape.share).toBe(right / 40);
    expect(singles.colour.share).toBe(1);
  });
});

test("a choice between fish and bird forgives other mistakes", async () => {
  // Everything looks like a tree, and then like what it is.
  const model = modelOf(truth);
  const tree = PLACES.get("shape tree")!;
  const images = async (scenes: readonly Scene[]): Promise<FloatTensor> => {
    const features = await model.images(scenes);
    for (let row = 0; row < scenes.length; row++) features.data[row * WIDTH + tree] = 2;
    return features;
  };
  const { groups } = await measure({ images, texts: model.texts }, SEED, SCALE);
  expect(groups.map(({ amongAll }) => amongAll.share)).toEqual([0, 0, 0, 0]);
  expect(groups.map(({ betweenTwo }) => betweenTwo.share)).toEqual([1, 1, 1, 1]);
});
