import { z } from "zod";
import type { RgbImage } from "../engine/media/image.js";
import { type FloatTensor, floatTensor } from "../engine/tensor/tensor.js";
import { contrasts, contrastsWith } from "../methods/decompose/attribution.js";
import { seenPicture } from "../methods/decompose/report/seen-picture.js";
import { alignMask } from "../methods/decompose/segmentation-mask.js";
import { headHeat, type PatchLayout } from "../methods/decompose/segmentation.js";
import { classify } from "../methods/decompose/zero-shot.js";
import { saidMask } from "../worlds/scenes/index.js";
import { editsSchema, withEdits } from "./edits.js";
import { job, type JobContext, type OpenModel } from "./job.js";
import { modelRef } from "./model-info.js";
import { pictureId, pictureRef } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";
import { directionsOf, templateSet, textList } from "./texts.js";

/** What texts are set against: each against the mean of the others, against nothing, or all against the mean of other texts. */
export const against = z.union([z.literal("others"), z.literal("nothing"), textList]).default("others");

const maskRef = z.strictObject({
  picture: pictureId,
  alignment: z.enum(["aligned", "reference"]).default("aligned"),
});

const params = z.strictObject({
  model: modelRef,
  picture: pictureRef,
  texts: textList,
  against,
  templates: templateSet,
  /** The true mask, as a picture that was handed over; of scenes it is known. */
  mask: maskRef.optional(),
  edits: editsSchema.optional(),
});

export interface SegmentedPicture {
  /** [S,S,3]: the picture as the model sees it, cropped and at its size. */
  readonly seen: Pick<RgbImage, "width" | "height" | "data">;
  readonly layout: PatchLayout;
  readonly texts: readonly {
    readonly cosine: number;
    /** By softmax over the texts, or, where the model judges each text by itself, of this text alone. */
    readonly probability: number;
    /** [S·S], 1 for foreground; absent where it is not known, or where the text says nothing of where. */
    readonly truth?: Uint8Array;
  }[];
  /** [T,L,H,P]: how much each head takes from each patch for a text, against what was asked. */
  readonly heat: FloatTensor;
}

export const segmentJob = job({
  summary: "Which patches of a picture speak for texts, head by head, and where the things are if that is known.",
  params,
  async run(context, asked, control): Promise<SegmentedPicture> {
    const open = await context.models.open(asked.model, control);
    const { clip } = open;
    const pixels = await pixelsOf(context, clip, [asked.picture]);
    const directions = await directionsOf(context, open, asked.texts, asked.templates);
    const contrasted = await contrastedOf(context, open, directions, asked);
    control.signal.throwIfAborted();
    const [heat, features] = await withEdits(context, open, asked.edits, control, async (edited) => {
      const found = await headHeat(edited, pixels, contrasted);
      control.signal.throwIfAborted();
      return [found, await edited.encodeImage(pixels)];
    });
    const { cosines, probabilities } = classify(clip, features, directions);
    const { grid, patchSize, imageSize } = clip.parts.vision;
    const truths = await truthsOf(context, open, asked);
    return {
      seen: seenPicture(pixels, 0, clip.parts.preprocessing),
      layout: { grid, patchSize, imageSize },
      texts: asked.texts.map((_, t) => ({
        cosine: cosines.data[t]!,
        probability: probabilities.data[t]!,
        ...(truths[t] && { truth: truths[t] }),
      })),
      heat: floatTensor(heat.data, heat.shape.slice(1)),
    };
  },
});

/** Directions [T,D] less what they are set against. */
export async function contrastedOf(
  context: JobContext,
  open: OpenModel,
  directions: FloatTensor,
  { against: other, templates }: Pick<z.output<typeof params>, "against" | "templates">,
): Promise<FloatTensor> {
  if (other === "nothing") return directions;
  return other === "others"
    ? contrasts(directions)
    : contrastsWith(directions, await directionsOf(context, open, other, templates));
}

/** For each text; a mask that was handed over is of every text. */
async function truthsOf(
  { pictures }: JobContext,
  { clip }: OpenModel,
  { picture, texts, mask }: z.output<typeof params>,
): Promise<(Uint8Array | undefined)[]> {
  if (mask !== undefined) {
    const given = alignMask(await pictures.get(mask.picture), clip.parts, mask.alignment, "the mask");
    return texts.map(() => given);
  }
  if (!("scene" in picture)) return [];
  return texts.map((text) => saidMask(picture.scene, text, clip.parts.vision.imageSize));
}
