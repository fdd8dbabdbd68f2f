/** From options to ablations. */
import { UsageError } from "../../engine/errors.js";
import { seeded } from "../../engine/train/seeds.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { PlannedAblation } from "../../methods/decompose/ablation-figures.js";
import { besideRandom, partPlans, publishedPlans, sweepPlans } from "../../methods/decompose/ablation-plans.js";
import { type CompletenessPlans, completenessPlans } from "../../methods/decompose/completeness-plans.js";
import { ablationOf } from "../../methods/decompose/component-names.js";
import { headMaps, headRowLayout, headRows, lastLayers } from "../../methods/decompose/head-rows.js";
import { HeadStatistics } from "../../methods/decompose/head-statistics.js";
import type { PublishedName } from "../../methods/decompose/published-heads.js";
import type { Clip } from "../../models/clip/clip.js";
import { readLayers } from "../../models/clip/readout.js";
import { textPool } from "../heads/text-pool.js";
import type { UsablePixels } from "./usable-pixels.js";

export interface PlanOptions {
  readonly heads?: readonly string[];
  readonly layers?: readonly string[];
  readonly mlps?: true;
  readonly cls?: true;
  readonly hold?: readonly string[];
  readonly published?: PublishedName;
  readonly sweep?: true;
  readonly completeness?: true;
  readonly pool?: string;
  readonly texts?: readonly string[];
  readonly lastLayers?: number;
  readonly randomControls: number;
  readonly seed: number;
}

const TEXTS = ["1", "2", "5", "10", "20", "30"];
const LATE = 4;
/** Each draw of random texts describes all late heads anew: few will do. */
const MOST_TEXT_DRAWS = 5;

/** Throws {@link UsageError} for options that mean nothing without others, and for numbers of texts that are none. */
export function checkPlanOptions(options: PlanOptions): void {
  const idle = (["pool", "texts", "lastLayers"] as const).find((name) => options[name] !== undefined);
  if (options.completeness === undefined && idle !== undefined) {
    const name = idle === "lastLayers" ? "last-layers" : idle;
    throw new UsageError({ what: `--${name} has nothing to work on`, expected: "--completeness", fix: "add it" });
  }
  textCounts(options);
}

/** Ablations of whole components. Throws what `ablationOf` and `placeAblation` throw. */
export function headPlans(clip: Clip, options: PlanOptions): PlannedAblation[] {
  const { published, randomControls, seed, sweep, completeness } = options;
  const draws = { draws: randomControls, random: seeded(seed, "random heads") };
  const components = componentsOf(options);
  const all = components.length === 0 && published === undefined && !sweep && !completeness;
  return [
    ...(all ? partPlans(clip) : []),
    ...(components.length === 0 ? [] : besideRandom(clip, ablationOf(clip, components.join(" "), components), draws)),
    ...(published === undefined ? [] : publishedPlans(clip, published, draws)),
    ...(all || sweep ? sweepPlans(clip, draws) : []),
  ];
}

/** By name. The start of the stream goes with the MLPs, as in the paper. */
function componentsOf({ heads = [], layers = [], mlps, cls, hold = [] }: PlanOptions): string[] {
  return [
    ...heads.map((head) => head.replace(/^(\d+)\.H?(\d+)$/i, "L$1.H$2")),
    ...layers.map((layer) => `L${layer.replace(/^L/i, "")}.heads`),
    ...(mlps ? ["mlps", "start"] : []),
    ...(cls ? ["cls"] : []),
    ...hold,
  ];
}

/** Late heads reduced to texts, which are found over the pictures. Throws what `completenessPlans` throws. */
export async function reducedHeads(
  clip: Clip,
  { pixels }: UsablePixels,
  classes: FloatTensor,
  options: PlanOptions & { readonly batch: number },
): Promise<CompletenessPlans> {
  const { lastLayers: late, pool, randomControls, seed, batch } = options;
  const half = Math.ceil(readLayers(clip.parts.vision) / 2);
  const layout = headRowLayout(clip, lastLayers(clip, late ?? Math.min(LATE, half)));
  const texts = await textPool(clip, pool);
  const statistics = new HeadStatistics(layout);
  for await (const some of pixels()) statistics.add((await headRows(clip, some, layout, { batch })).data);
  const counts = textCounts(options).filter((count) => options.texts !== undefined || count <= texts.texts.length);
  return completenessPlans(
    clip,
    { layout, statistics, maps: await headMaps(clip, layout) },
    texts.directions,
    classes,
    {
      counts,
      draws: Math.min(MOST_TEXT_DRAWS, randomControls),
      random: seeded(seed, "random texts"),
    },
  );
}

/** Ascending, each once. */
function textCounts({ texts = TEXTS }: PlanOptions): number[] {
  const counts = texts.map(Number);
  const odd = counts.findIndex((count) => !Number.isInteger(count) || count < 1);
  if (odd >= 0) {
    throw new UsageError({
      what: "no number of texts",
      got: texts[odd]!,
      expected: "whole numbers from 1: --texts 1,5,20",
    });
  }
  return [...new Set(counts)].sort((a, b) => a - b);
}
