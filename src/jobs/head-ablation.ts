import { z } from "zod";
import type { Estimate } from "../engine/tensor/bootstrap.js";
import { floatTensor } from "../engine/tensor/tensor.js";
import { meanAblation } from "../methods/decompose/ablation.js";
import { ablationFigures } from "../methods/decompose/ablation-figures.js";
import { headsOfLayers } from "../methods/decompose/ablation-runs.js";
import { attributeClasses, sceneBatches, type SceneClasses } from "../methods/scene-classes.js";
import type { HeadPlace } from "../models/clip/head-place.js";
import { readLayers } from "../models/clip/readout.js";
import { ATTRIBUTES, type Attribute, sceneAt, valueOf } from "../worlds/scenes/index.js";
import { job } from "./job.js";
import { kept } from "./kept.js";
import { modelRef } from "./model-info.js";
import { type SampleChoice, sampleParams } from "./sample.js";

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
    const { clip, digest } = await context.models.open(model, control);
    return kept(context, `head ablation ${digest} ${count} ${seed}`, async () => {
      const scenes = Array.from({ length: count }, (_, i) => sceneAt(seed, i, SINGLE));
      const classes: SceneClasses[] = [];
      for (const attribute of ATTRIBUTES) {
        control.signal.throwIfAborted();
        classes.push(await attributeClasses((texts) => clip.encodeText(texts), attribute));
      }
      let end = 0;
      const questions = classes.map(({ values }) => [end, (end += values.length)] as const);
      const all = new Float32Array(end * clip.parts.vision.features);
      for (const [i, { directions }] of classes.entries())
        all.set(directions.data, questions[i]![0] * clip.parts.vision.features);
      const heads = headsOfLayers(clip, [...Array(readLayers(clip.parts.vision)).keys()]);
      const runs = [
        { name: "nothing" },
        ...heads.map((head) => ({ name: `layer ${head.layer} head ${head.head}`, heads: [head] })),
      ];
      const { predicted } = await meanAblation(
        clip,
        () => sceneBatches(clip, scenes, BATCH),
        floatTensor(all, [end, clip.parts.vision.features]),
        runs,
        {
          questions,
          batch: BATCH,
          onProgress: (done) => {
            control.signal.throwIfAborted();
            control.progress({ stage: "holding each head at its mean", done, total: 2 * count, unit: "pictures" });
          },
        },
      );
      const plans = runs.map((run) => ({ name: run.name, kind: "method" as const, runs: [run] }));
      const attributes = ATTRIBUTES.map((attribute, a) => {
        const labels = scenes.map((scene) => classes[a]!.values.indexOf(valueOf(scene, attribute)));
        const answers = predicted.map((byQuestion) => [...byQuestion[a]!]);
        const [whole, ...ablated] = ablationFigures(plans, answers, { labels }, seed);
        return { attribute, accuracy: whole!.accuracy, changes: ablated.map(({ change }) => change.accuracy) };
      });
      return { scenes: count, seed, heads, attributes };
    });
  },
});
