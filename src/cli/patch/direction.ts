/** What scores are cosines with. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { contrastsWith } from "../../methods/decompose/attribution.js";
import { TEMPLATES, type TemplateSet } from "../../methods/decompose/templates.js";
import { zeroShotWeights } from "../../methods/decompose/zero-shot.js";
import type { Clip } from "../../models/clip/clip.js";
import type { PatchRun } from "./patch-run.js";

/** The text, less the mean of the others. */
export async function directionOf(
  clip: Clip,
  { text, against }: PatchRun["question"],
  set: TemplateSet,
): Promise<FloatTensor> {
  const of = (texts: readonly string[]): Promise<FloatTensor> => zeroShotWeights(clip, texts, TEMPLATES[set]);
  return against.length === 0 ? of([text]) : contrastsWith(await of([text]), await of(against));
}
