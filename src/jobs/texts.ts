import { z } from "zod";
import { normaliseRows } from "../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../engine/tensor/tensor.js";
import { TEMPLATES } from "../methods/decompose/templates.js";
import { zeroShotWeights } from "../methods/decompose/zero-shot.js";
import type { JobContext, JobControl, OpenModel } from "./job.js";
import { keepFew } from "./keep-few.js";
import { kept } from "./kept.js";

export const oneText = z.string().trim().min(1).max(400);
/** Words that a picture is compared with. */
export const textList = z.array(oneText).min(1).max(64);
/** Sentences that texts are put into; as on the command line. */
export const templateSet = z.enum(["none", "simple", "imagenet"]).default("none");

/** Directions kept, of all models and texts: each is some kilobytes. */
const KEPT = 2_000;

/** Unit directions [T,D] of texts. Those asked for before are kept, so that a picture that changes costs no text. */
export async function directionsOf(
  context: JobContext,
  { clip, digest }: OpenModel,
  texts: readonly string[],
  templates: z.output<typeof templateSet>,
): Promise<FloatTensor> {
  const { kept: known } = context;
  const keyOf = (text: string): string => `direction ${digest} ${templates} ${text}`;
  const missing = [...new Set(texts)].filter((text) => !known.has(keyOf(text)));
  if (missing.length > 0) {
    const found = zeroShotWeights(clip, missing, TEMPLATES[templates]);
    for (const [row, text] of missing.entries())
      known.set(
        keyOf(text),
        found.then((all) => rowOf(all, row)),
      );
    // One that failed is asked for again; who waits for it hears of it below.
    await found.catch((error: unknown) => {
      for (const text of missing) known.delete(keyOf(text));
      throw error;
    });
  }
  const rows = await Promise.all(texts.map((text) => known.get(keyOf(text)) as Promise<Float32Array>));
  keepFew(context, "direction ", KEPT);
  const out = new Float32Array(rows.length * rows[0]!.length);
  for (const [i, row] of rows.entries()) out.set(row, i * row.length);
  return floatTensor(out, [rows.length, rows[0]!.length]);
}

function rowOf({ data, shape }: FloatTensor, row: number): Float32Array {
  const width = shape[1]!;
  return data.slice(row * width, (row + 1) * width);
}

const TEXTS_AT_ONCE = 50;

/** Unit rows [M,D] of a pool of texts, encoded some at a time. */
export function poolDirections(
  context: JobContext,
  { clip, digest }: OpenModel,
  texts: readonly string[],
  control: JobControl,
): Promise<FloatTensor> {
  return kept(
    context,
    `pool ${digest} ${texts.length} ${texts[0]!}`,
    async (shared) => {
      const width = clip.parts.vision.features;
      const out = new Float32Array(texts.length * width);
      const options = { batch: TEXTS_AT_ONCE, length: clip.textLength(texts) };
      for (let start = 0; start < texts.length; start += TEXTS_AT_ONCE) {
        shared.signal.throwIfAborted();
        const some = texts.slice(start, start + TEXTS_AT_ONCE);
        out.set((await clip.encodeText(some, options)).data, start * width);
        shared.progress({ stage: "reading the pool of texts", done: start, total: texts.length, unit: "steps" });
      }
      return normaliseRows(floatTensor(out, [texts.length, width]));
    },
    control,
  );
}
