import { z } from "zod";
import type { Estimate } from "../engine/tensor/bootstrap.js";
import { meanAblation } from "../methods/decompose/ablation.js";
import { ablationFigures } from "../methods/decompose/ablation-figures.js";
import { attributeQuestions } from "../methods/decompose/evaluate-ablation.js";
import { sceneBatches } from "../methods/scene-classes.js";
import { allHeads, type HeadPlace } from "../models/clip/head-place.js";
import { ATTRIBUTES, type Attribute, sceneAt, valueOf } from "../worlds/scenes/index.js";
import { job } from "./job.js";
import { kept } from "./kept.js";
import { modelRef } from "./model-info.js";
import { type SampleChoice, sampleParams } from "./sample.js";
import { classesOf } from "./scene-classes.js";

export interface AttributeAblation {
  readonly attribute: Attribute;
  /** Zero-shot accuracy of the model as it is. */
  readonly accuracy: Estimate;
  /** What holding each head at its mean changes of it, in the order of `heads`; intervals by resampling scenes. */
  readonly changes: readonly Estimate[];
}

export interface HeadAblation extends SampleChoice {
  readonly heads: readonly HeadPlace[];
  readonly attributes: readonly AttributeAblation[];
}

/** Scenes that have one answer. */
const SINGLE = { objects: [1, 1] } as const;
const BATCH = 20;

export const headAblation = job({
  summary: "What holding each head at its mean over scenes costs zero-shot answers, by attribute.",
  params: z.strictObject({ model: modelRef, ...sampleParams }),
  async run(context, { model, scenes: count, seed }, control): Promise<HeadAblation> {
    const open = await context.models.open(model, control);
    const { clip, digest } = open;
    return kept(
      context,
      `head ablation ${digest} ${count} ${seed}`,
      async (shared) => {
        const scenes = Array.from({ length: count }, (_, i) => sceneAt(seed, i, SINGLE));
        const { classes, values, ranges } = await attributeQuestions(clip, (attribute) => {
          shared.signal.throwIfAborted();
          return classesOf(context, open, attribute);
        });
        const heads = allHeads(clip);
        const runs = [
          { name: "nothing" },
          ...heads.map((head) => ({ name: `layer ${head.layer} head ${head.head}`, heads: [head] })),
        ];
        const { predicted } = await meanAblation(clip, () => sceneBatches(clip, scenes, BATCH), classes, runs, {
          questions: ranges,
          batch: BATCH,
          onProgress: (done) => {
            shared.signal.throwIfAborted();
            shared.progress({ stage: "holding each head at its mean", done, total: 2 * count, unit: "pictures" });
          },
        });
        const plans = runs.map((run) => ({ name: run.name, kind: "method" as const, runs: [run] }));
        const attributes = ATTRIBUTES.map((attribute, a) => {
          const labels = scenes.map((scene) => values[a]!.indexOf(valueOf(scene, attribute)));
          const answers = predicted.map((byQuestion) => [...byQuestion[a]!]);
          const [whole, ...ablated] = ablationFigures(plans, answers, { labels }, seed);
          return { attribute, accuracy: whole!.accuracy, changes: ablated.map(({ change }) => change.accuracy) };
        });
        return { scenes: count, seed, heads, attributes };
      },
      control,
    );
  },
});
