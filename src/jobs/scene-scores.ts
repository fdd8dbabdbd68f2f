import { z } from "zod";
import type { SceneClasses } from "../methods/scene-classes.js";
import { classify } from "../methods/decompose/zero-shot.js";
import { type Attribute, ATTRIBUTES } from "../worlds/scenes/index.js";
import { editsSchema, withEdits } from "./edits.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";
import { sceneSchema } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";
import { classesOf } from "./scene-classes.js";
import { directionsOf, templateSet, textList } from "./texts.js";

/** What a model makes of one attribute of a picture. */
export interface AttributeScores {
  readonly attribute: Attribute;
  readonly values: readonly string[];
  /** With the mean direction of each value's prompts. */
  readonly cosines: Float32Array;
  /** Over the values. */
  readonly probabilities: Float32Array;
}

export interface SceneScores {
  /** Of the texts, in their order. */
  readonly cosines: Float32Array;
  readonly probabilities: Float32Array;
  readonly attributes: readonly AttributeScores[];
}

export const sceneScoresJob = job({
  summary:
    "What a model makes of a scene: its nearness to texts and to each value of attributes, for one run of the model.",
  params: z.strictObject({
    model: modelRef,
    scene: sceneSchema,
    texts: z.union([textList, z.array(z.never()).length(0)]).default([]),
    attributes: z.array(z.enum(ATTRIBUTES)).max(ATTRIBUTES.length).default([]),
    templates: templateSet,
    edits: editsSchema.optional(),
  }),
  async run(context, { model, scene, texts, attributes, templates, edits }, control): Promise<SceneScores> {
    const open = await context.models.open(model, control);
    const classes: (readonly [Attribute, SceneClasses])[] = [];
    for (const [done, attribute] of attributes.entries()) {
      control.signal.throwIfAborted();
      control.progress({ stage: `reading the words for ${attribute}`, done, total: attributes.length, unit: "steps" });
      classes.push([attribute, await classesOf(context, open, attribute)]);
    }
    const directions = texts.length === 0 ? undefined : await directionsOf(context, open, texts, templates);
    control.signal.throwIfAborted();
    const pixels = await pixelsOf(context, open.clip, [{ scene }]);
    const features = await withEdits(context, open, edits, control, (clip) => clip.encodeImage(pixels));
    const answers = directions && classify(open.clip, features, directions);
    return {
      cosines: answers?.cosines.data ?? new Float32Array(0),
      probabilities: answers?.probabilities.data ?? new Float32Array(0),
      attributes: classes.map(([attribute, { values, directions: ofValues }]) => {
        const { cosines, probabilities } = classify(open.clip, features, ofValues);
        return { attribute, values, cosines: cosines.data, probabilities: probabilities.data };
      }),
    };
  },
});
