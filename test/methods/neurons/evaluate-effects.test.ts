/** Effects as they are measured on scenes, and the verdicts on figures that are known beforehand. */
import { beforeAll, describe, expect, test } from "vitest";
import { describeOnScenes } from "../../../src/methods/neurons/described-scenes.js";
import { effectClaims } from "../../../src/methods/neurons/evaluate-effects.js";
import {
  KEPT,
  type Kept,
  type MeasuredEffects,
  measureEffects,
  type NeuronFigures,
} from "../../../src/methods/neurons/measure-effects.js";
import { loadClip } from "../../../src/models/clip/load.js";

describe("on scenes", () => {
  let measured: MeasuredEffects;
  beforeAll(async () => {
    await using clip = await loadClip("clip-scenes");
    const neurons = await describeOnScenes(clip, { layer: 2, seed: 7, count: 150, atoms: 4 });
    measured = await measureEffects(neurons, { count: 100 });
  }, 60_000);

  test("with all effects kept, the model answers as it does", () => {
    const mean = (kept: Kept): number => measured.accuracy[kept].reduce((a, b) => a + b, 0) / 100;
    // The card says 89 % over the seven attributes.
    expect(mean("all")).toBeGreaterThan(0.84);
    expect(mean("all")).toBeGreaterThan(mean("none"));
  });

  test("figures of all neurons are shares and areas", () => {
    expect(measured.neurons).toHaveLength(768);
    for (const { concentration, fires, explained, explainedRandom, area } of measured.neurons) {
      for (const share of [concentration, fires, explained, explainedRandom, area]) {
        if (share === undefined) continue;
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(1 + 1e-6);
      }
    }
  });
});

describe("verdicts", () => {
  function made(accuracies: Partial<Record<Kept, number>>, figures: Partial<NeuronFigures>): MeasuredEffects {
    const accuracy = Object.fromEntries(
      KEPT.map(
        (kept) => [kept, Array.from({ length: 200 }, (_, i) => (accuracies[kept] ?? 0.5) + 0.02 * (i % 2))] as const,
      ),
    ) as Record<Kept, number[]>;
    const neuron: NeuronFigures = {
      concentration: 0.5,
      fires: 0.02,
      explained: 0.9,
      explainedRandom: 0.2,
      area: 0.7,
      areaOthersWords: 0.5,
      areaShuffled: 0.5,
      ...figures,
    };
    return { layer: 0, seed: 0, accuracy, neurons: Array.from({ length: 50 }, () => neuron) };
  }
  const verdicts = (one: MeasuredEffects): boolean[] =>
    effectClaims({ trained: [one], untrained: [] }, 0).map(({ holds }) => holds);

  test("hold where few effects restore what is lost, along one direction, as the words tell", () => {
    const accuracies = { all: 0.9, none: 0.5, significant: 0.85, insignificant: 0.55, random: 0.5 };
    expect(verdicts(made(accuracies, {}))).toEqual([true, true, true]);
  });

  test("do not where random effects do as well, along any direction, for any words", () => {
    const accuracies = { all: 0.9, none: 0.5, significant: 0.85, random: 0.87 };
    const figures = { explained: 0.4, areaOthersWords: 0.7 };
    expect(verdicts(made(accuracies, figures))).toEqual([false, false, false]);
  });

  test("say that nothing can be told where effects do not matter", () => {
    const [sparse] = effectClaims({ trained: [made({ all: 0.9, none: 0.9 }, {})], untrained: [] }, 0);
    expect(sparse).toMatchObject({ holds: false, found: "In 0 of the 0 layers whose effects matter (of 1)." });
  });
});
