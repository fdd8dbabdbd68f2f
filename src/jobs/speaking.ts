/** What jobs about captions begin with: a model that describes pictures, and a prompt that shows it one. */
import { z } from "zod";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import { WrongFamilyError } from "../models/clip/errors.js";
import type { PicturePrompt, VisionLanguageModel } from "../models/vlm/vision-language-model.js";
import type { JobContext, OpenModel } from "./job.js";
import { keepFew } from "./keep-few.js";
import { kept } from "./kept.js";
import { modelRef } from "./model-info.js";
import { type PictureRef, pictureKey, pictureRef } from "./picture-ref.js";
import { imagesOf } from "./pixels.js";

/** What every one of them asks. */
export const captionParams = {
  model: modelRef,
  picture: pictureRef,
  question: z.string().trim().min(1).max(2000).optional(),
};

export const captionLength = z.int().min(1).max(1024).default(512);

export interface ShownPicture {
  readonly vlm: VisionLanguageModel;
  /** Normalised, [1,3,S,S]. */
  readonly pixels: FloatTensor;
  readonly prompt: PicturePrompt;
  /** Image tokens that are no patches; they come first. */
  readonly prefix: number;
}

/** Pictures whose tokens are kept. */
const KEPT = 16;

/** Throws `WrongFamilyError` for a model that does not describe pictures, and {@link UnknownPictureError}. */
export async function shown(
  context: JobContext,
  { clip, vlm, digest }: OpenModel,
  picture: PictureRef,
  question: string | undefined,
): Promise<ShownPicture> {
  if (vlm === undefined) throw silent(clip.parts.ref);
  const pixels = vlm.preprocess(await imagesOf(context, clip, [picture]));
  const seen = await kept(context, `seen ${digest} ${pictureKey(picture)}`, () => vlm.see(pixels));
  keepFew(context, "seen ", KEPT);
  const prompt = vlm.prompt(seen, question);
  return { vlm, pixels, prompt, prefix: vlm.hasPatches ? prompt.imageTokens - vlm.grid ** 2 : 0 };
}

const silent = (where: string): WrongFamilyError =>
  new WrongFamilyError({
    what: "this model does not describe pictures",
    where,
    expected: "a vision-language model, such as vlm-scenes",
    fix: "choose another model",
  });
