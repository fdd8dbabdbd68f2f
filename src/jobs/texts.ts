import { z } from "zod";
import { type FloatTensor, floatTensor } from "../engine/tensor/tensor.js";
import { TEMPLATES } from "../methods/decompose/templates.js";
import { zeroShotWeights } from "../methods/decompose/zero-shot.js";
import type { JobContext, OpenModel } from "./job.js";

/** Words that a picture is compared with. */
export const textList = z.array(z.string().trim().min(1).max(400)).min(1).max(64);
/** Sentences that texts are put into; as on the command line. */
export const templateSet = z.enum(["none", "simple", "imagenet"]).default("none");

/** Directions kept, of all models and texts: each is some kilobytes. */
const KEPT = 2_000;

/** Unit directions [T,D] of texts. Those asked for before are kept, so that a picture that changes costs no text. */
export async function directionsOf(
  { kept }: JobContext,
  { clip, digest }: OpenModel,
  texts: readonly string[],
  templates: z.output<typeof templateSet>,
): Promise<FloatTensor> {
  const keyOf = (text: string): string => `direction ${digest} ${templates} ${text}`;
  const missing = [...new Set(texts)].filter((text) => !kept.has(keyOf(text)));
  if (missing.length > 0) {
    const found = zeroShotWeights(clip, missing, TEMPLATES[templates]);
    for (const [row, text] of missing.entries())
      kept.set(
        keyOf(text),
        found.then((all) => rowOf(all, row)),
      );
    // One that failed is asked for again; who waits for it hears of it below.
    await found.catch((error: unknown) => {
      for (const text of missing) kept.delete(keyOf(text));
      throw error;
    });
  }
  const rows = await Promise.all(texts.map((text) => kept.get(keyOf(text)) as Promise<Float32Array>));
  forgetOldest(kept);
  const out = new Float32Array(rows.length * rows[0]!.length);
  for (const [i, row] of rows.entries()) out.set(row, i * row.length);
  return floatTensor(out, [rows.length, rows[0]!.length]);
}

function rowOf({ data, shape }: FloatTensor, row: number): Float32Array {
  const width = shape[1]!;
  return data.slice(row * width, (row + 1) * width);
}

function forgetOldest(kept: JobContext["kept"]): void {
  const directions = [...kept.keys()].filter((key) => key.startsWith("direction "));
  for (const key of directions.slice(0, Math.max(0, directions.length - KEPT))) kept.delete(key);
}
