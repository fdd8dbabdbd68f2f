import { expect, test } from "vitest";
import { JOBS } from "../../src/jobs/index.js";
import { ATTRIBUTES, composeScene, Random, valuesOf } from "../../src/worlds/scenes/index.js";
import { CALM, jobContext } from "../support/job-context.js";

const scene = composeScene(new Random(1), {
  objects: [{ shape: "mushroom", colour: "red", size: "large", position: "centre", texture: "dotted" }],
  background: "grass",
  style: "clean",
});
const context = await jobContext();
const job = JOBS["scene-scores"];

test("scores are those of the decomposition, and attributes are seen", async () => {
  const texts = ["a mushroom", "a fish"];
  const given = job.params.parse({ model: "clip-scenes", scene, texts, attributes: [...ATTRIBUTES] });
  const { cosines, probabilities, attributes } = await job.run(context, given, CALM);
  const whole = await JOBS.decompose.run(
    context,
    JOBS.decompose.params.parse({ model: "clip-scenes", picture: { scene }, texts }),
    CALM,
  );
  for (const [t, { cosine, probability }] of whole.texts.entries()) {
    expect(cosines[t]).toBeCloseTo(cosine, 5);
    expect(probabilities[t]).toBeCloseTo(probability, 4);
  }
  expect(attributes.map(({ attribute }) => attribute)).toEqual(ATTRIBUTES);
  for (const { attribute, values, cosines, probabilities } of attributes) {
    expect(values).toEqual(valuesOf(attribute));
    expect(cosines).toHaveLength(values.length);
    expect(probabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  }
  const best = attributes.map(({ values, probabilities: of }) => values[of.indexOf(Math.max(...of))]);
  expect(best.slice(0, 2)).toEqual(["mushroom", "red"]);
});

test("nothing asked about is no error", async () => {
  const { cosines, attributes } = await job.run(context, job.params.parse({ model: "clip-scenes", scene }), CALM);
  expect([cosines.length, attributes.length]).toEqual([0, 0]);
});
