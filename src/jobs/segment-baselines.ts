import { z } from "zod";
import { seeded } from "../engine/train/seeds.js";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import { attentionRollout, gradCam, rawAttention } from "../methods/decompose/segmentation-baselines.js";
import { rowsFor } from "../methods/decompose/segmentation.js";
import type { Clip } from "../models/clip/clip.js";
import { editsSchema, withEdits } from "./edits.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";
import { pictureRef } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";
import { against, contrastedOf } from "./segment.js";
import { directionsOf, templateSet, textList } from "./texts.js";

/** Heat of patches [P] made in another way, to compare with. */
export interface BaselineHeat {
  readonly name: string;
  /** A control knows nothing of where the thing is. */
  readonly kind: "baseline" | "control";
  readonly heat: Float32Array;
}

export const segmentBaselinesJob = job({
  summary: "Other ways to say where a model looks: raw attention, attention rollout, GradCAM, and a random map.",
  params: z.strictObject({
    model: modelRef,
    picture: pictureRef,
    texts: textList,
    /** Which of the texts. */
    text: z.int().nonnegative(),
    against,
    templates: templateSet,
    /** Of the random map. */
    seed: z.int().nonnegative().default(0),
    edits: editsSchema.optional(),
  }),
  async run(context, { model, picture, texts, text, templates, seed, against: other, edits }, control) {
    const open = await context.models.open(model, control);
    const { clip } = open;
    const { grid, pooling } = clip.parts.vision;
    const noise = seeded(seed, "segmentation", "noise");
    const random = Float32Array.from({ length: grid ** 2 }, () => noise.uniform());
    const out: BaselineHeat[] = [{ name: "random map", kind: "control", heat: random }];
    // The others follow the class token, which models that pool by attention have not.
    if (pooling !== "class") return out;
    const pixels = await pixelsOf(context, clip, [picture]);
    const directions = await contrastedOf(context, open, await directionsOf(context, open, texts, templates), {
      against: other,
      templates,
    });
    const own = rowsFor(directions, [Math.min(text, texts.length - 1)]);
    const ways: readonly (readonly [string, (edited: Clip) => Promise<FloatTensor>])[] = [
      ["raw attention", (edited) => rawAttention(edited, pixels)],
      ["attention rollout", (edited) => attentionRollout(edited, pixels)],
      ["GradCAM", (edited) => gradCam(edited, pixels, own)],
    ];
    return withEdits(context, open, edits, control, async (edited) => {
      const found: BaselineHeat[] = [];
      for (const [name, heat] of ways) {
        control.signal.throwIfAborted();
        found.push({ name, kind: "baseline", heat: (await heat(edited)).data });
      }
      return [...found, ...out];
    });
  },
});
