/** The sample's scenes as pictures, for what reads them more than once. */
import type { RgbImage } from "../engine/media/image.js";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import type { Clip } from "../models/clip/clip.js";
import { renderScene, type Scene } from "../worlds/scenes/index.js";
import type { JobControl } from "./job.js";
import { pause } from "./pause.js";

/** Pictures drawn between two looks at whether anyone still waits. */
const DRAWN = 50;

/** Draws scenes at the model's size. */
export async function drawScenes(clip: Clip, scenes: readonly Scene[], control: JobControl): Promise<RgbImage[]> {
  const images: RgbImage[] = [];
  for (let start = 0; start < scenes.length; start += DRAWN) {
    await pause(control.signal);
    for (const scene of scenes.slice(start, start + DRAWN)) {
      images.push(renderScene(scene, clip.parts.vision.imageSize));
    }
    control.progress({ stage: "drawing scenes", done: images.length, total: scenes.length, unit: "pictures" });
  }
  return images;
}

/** Pictures as the model's input, `size` at a time. */
export async function* pixelBatches(
  clip: Clip,
  images: readonly RgbImage[],
  size: number,
  { signal }: Pick<JobControl, "signal">,
): AsyncGenerator<FloatTensor> {
  for (let start = 0; start < images.length; start += size) {
    await pause(signal);
    yield clip.preprocess(images.slice(start, start + size));
  }
}
