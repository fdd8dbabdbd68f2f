import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestThreshold, popeOnScenes } from "../../../src/methods/captions/evaluate-pope.js";
import { say } from "../../../src/methods/captions/caption.js";
import { drawScenes } from "../../../src/methods/captions/described-scenes.js";
import {
  pope,
  POPE_STRATEGIES,
  type PopeAnswer,
  popeQuestions,
  questionAbout,
  saysYes,
} from "../../../src/methods/captions/pope.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { objectsIn, renderScene } from "../../../src/worlds/scenes/index.js";
import { writeLlava } from "../../support/llavas.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const truthOf = (objects: Readonly<Record<string, readonly string[]>>) =>
  new Map(Object.entries(objects).map(([id, list]) => [id, new Set(list)]));
const TRUTH = truthOf({
  a: ["dog", "sofa", "cup"],
  b: ["dog", "ball"],
  c: ["cup", "spoon", "dog"],
  d: ["owl"],
});

describe("questions", () => {
  test("the most frequent objects, and those that go most with what was asked for, of those that are absent", () => {
    const asked = (strategy: "popular" | "adversarial"): string[] =>
      popeQuestions(TRUTH, strategy, { perPicture: 2 })
        .filter(({ label }) => !label)
        .map(({ imageId, object }) => `${imageId} ${object}`);
    // Dogs are in three pictures, cups in two; then what came first.
    expect(asked("popular")).toEqual(["a ball", "a spoon", "b cup", "b sofa", "c sofa", "c ball"]);
    // Beside a dog: a cup twice, then a sofa, a ball, a spoon once each; beside a ball and a cup nothing is left, and any is drawn.
    expect(asked("adversarial").filter((_, i) => i % 2 === 0)).toEqual(["a ball", "b cup", "c sofa"]);
  });

  test("a reference says what is frequent", () => {
    const reference = truthOf({ x: ["yak", "dog"], y: ["yak"] });
    const [, second] = popeQuestions(TRUTH, "popular", { perPicture: 1, reference });
    expect(second).toMatchObject({ object: "yak", text: "Is there a yak in the image?", label: false });
    expect(questionAbout("owl")).toBe("Is there an owl in the image?");
  });

  test("half are about what is there, none twice, and one seed draws one list", () => {
    const objects = fc.uniqueArray(fc.constantFrom(..."abcdefghijkl".split("")), { minLength: 2, maxLength: 5 });
    fc.assert(
      fc.property(
        fc.array(objects, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...POPE_STRATEGIES),
        fc.nat(100),
        (lists, strategy, seed) => {
          const truth = new Map(lists.map((list, i) => [String(i), new Set(list)]));
          const options = { perPicture: 2, seed };
          const questions = popeQuestions(truth, strategy, options);
          expect(questions).toEqual(popeQuestions(truth, strategy, options));
          expect(questions.map(({ id }) => id)).toEqual(questions.map((_, i) => i + 1));
          for (const { imageId, object, label } of questions) expect(truth.get(imageId)!.has(object)).toBe(label);
          const pairs = questions.map(({ imageId, object }) => `${imageId} ${object}`);
          expect(new Set(pairs).size).toBe(pairs.length);
          expect(questions.filter(({ label }) => label)).toHaveLength(2 * lists.length);
        },
      ),
      { numRuns: 100 },
    );
    expect(() => popeQuestions(TRUTH, "random", { perPicture: 4 })).toThrow(/at least 4 objects/);
  });
});

describe("answers", () => {
  test.each([
    ["yes", true],
    ["Yes, there is.", true],
    ["There is a dog. No cat, though", true],
    ["No.", false],
    ["There is not, I think", false],
    ["I see no dog", false],
    ["Nothing of the kind", true],
  ])("%j counts as yes: %s", (answer, yes) => {
    expect(saysYes(answer)).toBe(yes);
  });

  test("figures are those of the counts, with intervals by resampling pictures", () => {
    const answer = (imageId: string, label: boolean, yes: boolean): PopeAnswer => ({ imageId, label, yes });
    const answers = [
      answer("a", true, true),
      answer("a", false, true),
      answer("b", true, false),
      answer("b", false, false),
      answer("c", true, true),
    ];
    const { accuracy, precision, recall, f1, yesRate, counts } = pope(answers);
    const values = [accuracy, precision, recall, f1, yesRate].map((estimate) => estimate!.value);
    for (const [i, wanted] of [3 / 5, 2 / 3, 2 / 3, 2 / 3, 3 / 5].entries()) expect(values[i]).toBeCloseTo(wanted, 12);
    expect(counts).toMatchObject({ pictures: 3, questions: 5, true_positives: 2, false_positives: 1 });
    for (const { value, low, high } of [accuracy, yesRate]) {
      expect(low).toBeLessThanOrEqual(value);
      expect(high).toBeGreaterThanOrEqual(value);
    }
    // Picture a alone: half of its answers are right.
    expect([accuracy.low, accuracy.high]).toEqual([0.5, 1]);
    const never = pope([answer("a", true, false), answer("b", false, false)]);
    expect([never.precision, never.recall!.value, never.f1!.value]).toEqual([undefined, 0, 0]);
    expect(() => pope([])).toThrow(/no answers/);
  });

  test("the threshold of beliefs is the best there is", () => {
    const believed = fc.record({ label: fc.boolean(), belief: fc.integer({ min: 0, max: 6 }).map((n) => n / 6) });
    fc.assert(
      fc.property(fc.array(believed, { minLength: 1, maxLength: 20 }), (answers) => {
        const right = (threshold: number): number =>
          answers.filter(({ label, belief }) => belief >= threshold === label).length;
        const all = answers.map(({ belief }) => right(belief));
        expect(right(bestThreshold(answers))).toBe(Math.max(...all));
      }),
    );
  });
});

describe("on scenes", () => {
  const scenes = (seed: number, count: number) => drawScenes(seed, count, { combinations: "seen" });

  test("a caption of the picture says more than one of another", async () => {
    await using model = await loadVlm("vlm-scenes");
    const sets = { reported: scenes(1, 8), chosenOn: scenes(2, 3), reference: scenes(3, 200) };
    const { canBeAsked, results } = await popeOnScenes(model, sets, 0);
    expect(canBeAsked).toBe(false);
    expect(results.map(({ strategy }) => strategy)).toEqual(POPE_STRATEGIES);
    const asked = sets.reported.filter((scene) => objectsIn(scene).size >= 2).length;
    for (const { questions, rows } of results) {
      expect(questions).toBe(4 * asked);
      expect(rows.map(({ kind }) => kind)).toEqual(["method", "method", "control", "control"]);
      const [named, , other] = rows.map(({ scores }) => scores.accuracy.value);
      expect(named!).toBeGreaterThan(other! + 0.1);
    }
  });

  test("a model that reads questions is asked them", async () => {
    const { folder } = await writeLlava(join(scratchFolder(), "asked"), "llava", (config) => {
      Object.assign(config, { prompt: "<image>{question}" });
    });
    await using model = await loadVlm(folder);
    const [scene] = scenes(4, 20).filter((one) => objectsIn(one).size >= 2);
    const sets = { reported: [scene!], chosenOn: [scene!], reference: scenes(5, 50) };
    const { results } = await popeOnScenes(model, sets, 0);
    const [{ rows }] = results as [(typeof results)[0]];
    const { imageSize } = model.parts.tower.parts.vision;
    const seen = await model.see(model.preprocess([renderScene(scene!, imageSize)]));
    const reference = new Map(sets.reference.map((one, i) => [String(i), objectsIn(one)]));
    const questions = popeQuestions(new Map([["0", objectsIn(scene!)]]), "random", { perPicture: 2, reference });
    let right = 0;
    for (const { text, label } of questions) {
      const { text: answer } = await say(model, model.prompt(seen, text), { maxTokens: 8 });
      right += Number(saysYes(answer) === label);
    }
    expect(rows[0]).toMatchObject({ name: "asked", kind: "method" });
    expect(rows[0]!.scores.accuracy.value).toBe(right / questions.length);
  });
});
