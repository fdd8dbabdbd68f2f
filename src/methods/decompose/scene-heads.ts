/** The heads of the last layers, as scenes show them: what evaluations of their texts begin with. */
import { normaliseRows } from "../../engine/tensor/rows.js";
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { sampleScene, type Scene } from "../../worlds/scenes/index.js";
import { scenePixels } from "../scene-classes.js";
import { headMaps, headRowLayout, type HeadRowLayout, headRows, lastLayers } from "./head-rows.js";
import { headSpans } from "./head-spans.js";
import { HeadStatistics } from "./head-statistics.js";

export interface SceneHeads {
  readonly layout: HeadRowLayout;
  readonly statistics: HeadStatistics;
  readonly maps: readonly Float64Array[];
}

export interface SceneHeadsOptions {
  readonly seed: number;
  /** Scenes; default 1000. */
  readonly count?: number;
  /** How many of the last layers; default 4. */
  readonly layers?: number;
}

/** Scenes encoded at a time. */
const CHUNK = 250;

export async function headsOnScenes(
  clip: Clip,
  { seed, count = 1000, layers = 4 }: SceneHeadsOptions,
): Promise<SceneHeads> {
  const layout = headRowLayout(clip, lastLayers(clip, layers));
  const statistics = new HeadStatistics(layout);
  const random = seeded(seed, "heads on scenes");
  const scenes = Array.from({ length: count }, () => sampleScene(random));
  statistics.add(await sceneRows(clip, scenes, layout));
  return { layout, statistics, maps: await headMaps(clip, layout) };
}

/** TextSpan's first texts of each head, as rows of the pool. Throws what `headSpans` throws. */
export async function picksOnScenes(
  clip: Clip,
  { statistics, maps }: SceneHeads,
  pool: readonly string[],
  count = 5,
): Promise<(HeadPlace & { readonly picks: readonly number[] })[]> {
  const directions = normaliseRows(await clip.encodeText(pool));
  const spans = await headSpans(clip, statistics, maps, directions, { count });
  return spans.map(({ layer, head, picks }) => ({ layer, head, picks }));
}

/** As `headRows` gives them, one after another. */
export async function sceneRows(clip: Clip, scenes: readonly Scene[], layout: HeadRowLayout): Promise<Float32Array> {
  const out = new Float32Array(scenes.length * layout.width);
  for (let start = 0; start < scenes.length; start += CHUNK) {
    const pixels = scenePixels(clip, scenes.slice(start, start + CHUNK));
    out.set((await headRows(clip, pixels, layout)).data, start * layout.width);
  }
  return out;
}
