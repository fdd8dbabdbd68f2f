import type { RgbImage } from "../engine/media/image.js";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import type { Clip } from "../models/clip/clip.js";
import { renderScene } from "../worlds/scenes/index.js";
import type { JobContext } from "./job.js";
import type { PictureRef } from "./picture-ref.js";

/** The pictures meant, scenes drawn at the model's size. Throws `UnknownPictureError`. */
export function imagesOf({ pictures }: JobContext, clip: Clip, refs: readonly PictureRef[]): Promise<RgbImage[]> {
  const { imageSize } = clip.parts.vision;
  return Promise.all(
    refs.map(async (ref) => ("scene" in ref ? renderScene(ref.scene, imageSize) : pictures.get(ref.picture))),
  );
}

/** As the model's input, [B,3,S,S]. */
export async function pixelsOf(context: JobContext, clip: Clip, refs: readonly PictureRef[]): Promise<FloatTensor> {
  return clip.preprocess(await imagesOf(context, clip, refs));
}
