/** Neurons over a sample of scenes: against the command line and against effects computed directly. */
import { describe, expect, test } from "vitest";
import { JOBS, type LayerWords } from "../../src/jobs/index.js";
import { NeuronEffects } from "../../src/methods/neurons/second-order.js";
import { scenePixels } from "../../src/methods/scene-classes.js";
import { composeScene, Random, sceneAt } from "../../src/worlds/scenes/index.js";
import { CALM, jobContext } from "../support/job-context.js";
import { vitrine } from "../support/vitrine.js";

const context = await jobContext();
const [layer, scenes, seed] = [2, 40, 5];
const set = { model: "clip-scenes", layer, scenes, seed };
const picture = { scene: composeScene(new Random(2), { objects: [{ shape: "heart", colour: "red" }] }) };
const { clip } = await context.models.open("clip-scenes", CALM);

const neurons = await JOBS.neurons.run(context, set, CALM);
const words = await JOBS["neuron-words"].run(context, set, CALM);

/** The neuron's texts and their coefficients. */
function wordsOf({ texts, picks, coefficients }: LayerWords, neuron: number): [string, number][] {
  const width = picks.shape[1]!;
  return Array.from({ length: width }, (_, i) => neuron * width + i)
    .filter((at) => picks.data[at]! >= 0)
    .map((at) => [texts[picks.data[at]!]!, coefficients.data[at]!]);
}

interface Printed {
  readonly neurons: readonly {
    readonly mean_length: number;
    readonly threshold: number;
    readonly concentration: number;
    readonly explained: number;
    readonly explained_random: number;
    readonly strongest_on: readonly string[];
    readonly words_explained: number;
    readonly words: readonly { readonly text: string; readonly coefficient: number }[];
  }[];
}

test("a neuron is what `vitrine neurons` says of it", async () => {
  const neuron = 17;
  const asked = ["neurons", "--model", "clip-scenes", "--layer", "2", "--neuron", "17", "--pool", "scenes"];
  const more = ["--atoms", "16", "--scenes", "40", "--seed", "5", "--json"];
  const { stdout, stderr } = await vitrine([...asked, ...more]);
  expect(stderr).toBe("");
  const [wanted] = (JSON.parse(stdout) as Printed).neurons;
  const pairs = [
    [neurons.meanLengths[neuron], wanted!.mean_length],
    [neurons.thresholds[neuron], wanted!.threshold],
    [neurons.concentrations[neuron], wanted!.concentration],
    [neurons.explained[neuron], wanted!.explained],
    [neurons.explainedRandom[neuron], wanted!.explained_random],
    [words.explained[neuron], wanted!.words_explained],
  ] as const;
  for (const [got, expected] of pairs) expect(Math.abs(got! - expected)).toBeLessThan(1e-4);
  const found = wordsOf(words, neuron);
  expect(found.map(([text]) => text)).toEqual(wanted!.words.map(({ text }) => text));
  for (const [i, [, coefficient]] of found.entries()) {
    expect(Math.abs(coefficient - wanted!.words[i]!.coefficient)).toBeLessThan(1e-4);
  }
  const page = await JOBS.neuron.run(context, { ...set, neuron }, CALM);
  expect(page.strongest.map(({ index }) => `scene 5/${index}`)).toEqual(wanted!.strongest_on);
});

describe("a neuron's page", () => {
  test("shows its strongest scenes, as many others, and its effect on all", async () => {
    const { strongest, random, lengths } = await JOBS.neuron.run(context, { ...set, neuron: 3 }, CALM);
    expect([strongest.length, random.length, lengths.length]).toEqual([10, 10, scenes]);
    expect(new Set([...strongest, ...random].map(({ index }) => index)).size).toBe(20);
    const sorted = [...lengths].sort((a, b) => b - a);
    expect(strongest.map(({ length }) => length)).toEqual(sorted.slice(0, 10));
    expect(strongest.at(-1)!.length).toBeCloseTo(neurons.thresholds[3]!, 6);
    for (const { index, scene } of random) expect(scene).toEqual(sceneAt(seed, index));
  });

  test("means are of effects with their mean", async () => {
    const pixels = scenePixels(
      clip,
      Array.from({ length: scenes }, (_, i) => sceneAt(seed, i)),
    );
    const { data, shape } = await (await NeuronEffects.of(clip, layer)).effects(pixels);
    const [count, all, width] = shape as [number, number, number];
    let sum = 0;
    for (let row = 0; row < count; row++) {
      const start = (row * all + 3) * width;
      sum += Math.hypot(...data.subarray(start, start + width)) / count;
    }
    expect(neurons.meanLengths[3]!).toBeCloseTo(sum, 6);
  });

  test("maps activations onto the patches of the picture", async () => {
    const { map, seen } = await JOBS["neuron-map"].run(
      context,
      { model: "clip-scenes", layer, neuron: 3, picture },
      CALM,
    );
    expect(map.shape).toEqual([8, 8]);
    expect([seen.width, seen.height]).toEqual([64, 64]);
  });
});

test("words beat as many words of directions at random", () => {
  const mean = words.explained.reduce((sum, share) => sum + share / words.explained.length, 0);
  expect(mean).toBeGreaterThan(words.explainedByChance);
});

test("what neurons say of a picture is what those over their thresholds say, beside chance", async () => {
  const on = await JOBS["picture-neurons"].run(context, { ...set, picture }, CALM);
  const { active, concepts } = await JOBS["picture-concepts"].run(context, { ...set, picture }, CALM);
  const over = [...on.lengths.keys()].filter((i) => on.lengths[i]! > neurons.thresholds[i]!);
  expect(active).toEqual(over);
  const scores = new Map<string, number>();
  for (const neuron of active) {
    for (const [text, coefficient] of wordsOf(words, neuron)) {
      scores.set(text, (scores.get(text) ?? 0) + coefficient * on.along[neuron]!);
    }
  }
  for (const { text, score } of concepts) expect(score).toBeCloseTo(scores.get(text)!, 5);
  // Whether it is more than chance is a finding; that the control falls with the rank is not.
  for (const [rank, { chance }] of concepts.entries()) {
    expect(chance).toBeGreaterThan(0);
    if (rank > 0) expect(chance).toBeLessThanOrEqual(concepts[rank - 1]!.chance);
  }
});

test("a layer that no head follows is refused", async () => {
  await expect(JOBS.neurons.run(context, { ...set, layer: 3 }, CALM)).rejects.toThrow(/no second-order effects/);
});
