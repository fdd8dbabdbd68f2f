import { z } from "zod";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import { contrastsWith } from "../methods/decompose/attribution.js";
import { CONTROL_SCENES, controlScene } from "../methods/patching/control-scenes.js";
import { patchGrid } from "../methods/patching/patch-grid.js";
import { patchPlan } from "../methods/patching/plan.js";
import { recovery } from "../methods/patching/recovery.js";
import { scenePixels } from "../methods/scene-classes.js";
import { editsSchema, withEdits } from "./edits.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";
import { pictureRef } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";
import { seedNumber } from "./sample.js";
import { directionsOf, oneText, templateSet } from "./texts.js";

/** What single heads carry of the difference between picture A and picture B; grids are [L,H]. */
export interface PatchedPictures {
  /** Cosines with the text, or how much more it is than with the others. */
  readonly score: { readonly a: number; readonly b: number };
  /** "fraction": of A's score less B's. "score": the scores are as good as equal, and effects are differences of scores. */
  readonly unit: "fraction" | "score";
  /** What each head of A, put into B, brings B's score towards A's. */
  readonly denoising: FloatTensor;
  /** What each head of B, put into A, takes from A's score towards B's. */
  readonly noising: FloatTensor;
  /** What each head of other pictures, put into B, does: the mean over these, and each [C,L,H]. */
  readonly control: FloatTensor;
  readonly controls: FloatTensor;
}

export const patchJob = job({
  summary: "Puts single heads of one picture into another, both ways, and tells how much of the difference each makes.",
  params: z.strictObject({
    model: modelRef,
    a: pictureRef,
    b: pictureRef,
    text: oneText,
    /** Texts that are true of B; their mean counts against `text`. */
    against: z.array(oneText).max(16),
    templates: templateSet,
    /** Of the scenes whose heads are put in for comparison. */
    seed: seedNumber,
    edits: editsSchema.optional(),
  }),
  async run(context, params, control): Promise<PatchedPictures> {
    const open = await context.models.open(params.model, control);
    const [clean, corrupted] = await Promise.all(
      [params.a, params.b].map((picture) => pixelsOf(context, open.clip, [picture])),
    );
    const directions = (texts: readonly string[]): Promise<FloatTensor> =>
      directionsOf(context, open, texts, params.templates);
    const own = await directions([params.text]);
    const direction = params.against.length === 0 ? own : contrastsWith(own, await directions(params.against));
    const controls = CONTROL_SCENES.map((index) => scenePixels(open.clip, [controlScene(params.seed, index)]));
    return withEdits(context, open, params.edits, control, async (clip) => {
      const total = patchPlan(clip).cells.length * (2 + controls.length);
      const grid = await patchGrid(clip, { clean: clean!, corrupted: corrupted!, controls }, direction, {
        onProgress(done) {
          control.signal.throwIfAborted();
          control.progress({ stage: "putting heads in", done, total, unit: "steps" });
        },
      });
      const { unit, denoising, noising, control: mean, controls: each } = recovery(grid);
      const [layers, heads] = grid.plan.grid;
      const asGrid = ({ data, dtype }: FloatTensor): FloatTensor => ({
        data,
        dtype,
        shape: [...(data.length === layers * heads ? [] : [controls.length]), layers, heads],
      });
      return {
        score: { a: grid.clean_score, b: grid.corrupted_score },
        unit,
        denoising: asGrid(denoising),
        noising: asGrid(noising),
        control: asGrid(mean!),
        controls: asGrid(each!),
      };
    });
  },
});
