import { z } from "zod";
import { type FloatTensor, floatTensor } from "../engine/tensor/tensor.js";
import { largestRemainder } from "../methods/decompose/attribution.js";
import { decompose, expandHeads } from "../methods/decompose/decompose.js";
import { findingsOf, type PictureFindings } from "../methods/decompose/report/findings.js";
import { seenPicture } from "../methods/decompose/report/seen-picture.js";
import { editsSchema, withEdits } from "./edits.js";
import { job } from "./job.js";
import { modelRef } from "./model-info.js";
import { pictureRef } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";
import { directionsOf, templateSet, textList } from "./texts.js";

export interface DecomposedPicture extends PictureFindings {
  /** [S,S,3]: the picture as the model sees it, cropped and at its size. */
  readonly seen: { readonly width: number; readonly height: number; readonly data: Uint8Array };
  /** [T,L,H,P]: what each head takes from each patch for each text's cosine; what it takes from other tokens is left out. */
  readonly maps: FloatTensor;
  /** What the parts do not add up to, as a share of the representation's norm: rounding alone. */
  readonly remainder: number;
}

export const decomposeJob = job({
  summary: "What each head, MLP and patch of a picture adds to its cosine with texts.",
  params: z.strictObject({
    model: modelRef,
    picture: pictureRef,
    texts: textList,
    templates: templateSet,
    edits: editsSchema.optional(),
  }),
  async run(context, { model, picture, texts, templates, edits }, control): Promise<DecomposedPicture> {
    const open = await context.models.open(model, control);
    const pixels = await pixelsOf(context, open.clip, [picture]);
    const directions = await directionsOf(context, open, texts, templates);
    control.signal.throwIfAborted();
    return withEdits(context, open, edits, control, async (clip) => {
      const parts = await decompose(clip, pixels, { texts: directions });
      const heads = await expandHeads(clip, parts);
      return {
        ...findingsOf(clip, parts, heads, directions)[0]!,
        seen: seenPicture(pixels, 0, clip.parts.preprocessing),
        maps: patchMaps(parts.text_maps!, clip.parts.vision.prefix),
        remainder: largestRemainder(heads, parts),
      };
    });
  },
});

/** Text maps [1,L,H,N,T] of one picture as [T,L,H,P], the first `prefix` tokens left out. */
function patchMaps({ data, shape }: FloatTensor, prefix: number): FloatTensor {
  const [, layers, heads, tokens, texts] = shape as [number, number, number, number, number];
  const patches = tokens - prefix;
  const out = new Float32Array(texts * layers * heads * patches);
  let to = 0;
  for (let text = 0; text < texts; text++) {
    for (let cell = 0; cell < layers * heads; cell++) {
      for (let token = prefix; token < tokens; token++) out[to++] = data[(cell * tokens + token) * texts + text]!;
    }
  }
  return floatTensor(out, [texts, layers, heads, patches]);
}
