/** Scenes of the procedural world as the set of pictures that statistics are taken over. */
import { z } from "zod";
import { type HeadRowLayout, headMaps, headRowLayout, headRows, lastLayers } from "../methods/decompose/head-rows.js";
import { HeadStatistics } from "../methods/decompose/head-statistics.js";
import { scenePixels } from "../methods/scene-classes.js";
import { type Scene, sceneAt } from "../worlds/scenes/index.js";
import type { JobContext, JobControl, OpenModel } from "./job.js";
import { kept } from "./kept.js";

export const seedNumber = z
  .int()
  .min(0)
  .max(2 ** 31 - 1);

/** How many scenes of which seed; scene i is that of `vitrine heads --scenes N --seed S`. */
export const sampleParams = {
  scenes: z.int().min(20).max(5_000).default(500),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31)
    .default(0),
};

export interface SampleChoice {
  readonly scenes: number;
  readonly seed: number;
}

/** The last layers' heads, as the scenes show them. */
export interface HeadSample {
  readonly scenes: readonly Scene[];
  readonly layout: HeadRowLayout;
  /** [n,width], as `headRows` gives them. */
  readonly rows: Float32Array;
  readonly statistics: HeadStatistics;
  readonly maps: readonly Float64Array[];
}

export const LAYERS = 4;
const CHUNK = 20;

export const sampleScenes = ({ scenes, seed }: SampleChoice): Scene[] =>
  Array.from({ length: scenes }, (_, i) => sceneAt(seed, i));

export function headSample(
  context: JobContext,
  { clip, digest }: OpenModel,
  choice: SampleChoice,
  control: JobControl,
): Promise<HeadSample> {
  return kept(
    context,
    `head sample ${digest} ${choice.scenes} ${choice.seed}`,
    async (shared) => {
      const scenes = sampleScenes(choice);
      const layout = headRowLayout(clip, lastLayers(clip, LAYERS));
      const rows = new Float32Array(scenes.length * layout.width);
      for (let start = 0; start < scenes.length; start += CHUNK) {
        shared.signal.throwIfAborted();
        const pixels = scenePixels(clip, scenes.slice(start, start + CHUNK));
        rows.set((await headRows(clip, pixels, layout, { batch: CHUNK })).data, start * layout.width);
        const done = Math.min(scenes.length, start + CHUNK);
        shared.progress({ stage: "reading the sample's scenes", done, total: scenes.length, unit: "pictures" });
      }
      const statistics = new HeadStatistics(layout);
      statistics.add(rows);
      return { scenes, layout, rows, statistics, maps: await headMaps(clip, layout) };
    },
    control,
  );
}
