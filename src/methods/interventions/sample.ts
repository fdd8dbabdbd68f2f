/** The pictures that parts are held at their means over, where nobody names others. */
import { seeded } from "../../engine/train/seeds.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { sampleScene, type Scene } from "../../worlds/scenes/index.js";
import { sceneBatches } from "../scene-classes.js";
import { type SiteMeans, siteMeans } from "./site-means.js";

export const SAMPLE_SCENES = 128;
/** Pictures read at a time. */
const CHUNK = 16;

/** Scenes of 1 object and more, as the world draws them. */
export const meanScenes = (seed: number, count = SAMPLE_SCENES): Scene[] =>
  Array.from({ length: count }, (_, i) => sampleScene(seeded(seed, "interventions", "means", i)));

export interface SampleMeansOptions {
  readonly seed: number;
  readonly count?: number;
  /** Told how many pictures were read. */
  readonly onProgress?: (read: number) => void;
}

/** Means over {@link meanScenes} of the model as it is. */
export function sampleMeans(
  clip: Clip,
  sites: readonly string[],
  { seed, count, onProgress }: SampleMeansOptions,
): Promise<SiteMeans> {
  const batches = sceneBatches(clip, meanScenes(seed, count), CHUNK);
  return siteMeans(clip, counted(batches, onProgress), sites);
}

async function* counted(
  batches: AsyncIterable<FloatTensor>,
  onProgress: ((read: number) => void) | undefined,
): AsyncGenerator<FloatTensor> {
  let read = 0;
  for await (const pixels of batches) {
    yield pixels;
    read += pixels.shape[0]!;
    onProgress?.(read);
  }
}
