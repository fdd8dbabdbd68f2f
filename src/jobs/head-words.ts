import { z } from "zod";
import { headSpans } from "../methods/decompose/head-spans.js";
import { TopImages } from "../methods/decompose/top-images.js";
import { labelHeads } from "../methods/interpret/properties.js";
import { wholePool } from "../methods/interpret/scene-lexicon.js";
import type { HeadPlace } from "../models/clip/head-place.js";
import { seeded } from "../engine/train/seeds.js";
import type { Scene } from "../worlds/scenes/index.js";
import { job, type JobContext, type JobControl, type OpenModel } from "./job.js";
import { kept } from "./kept.js";
import { modelRef } from "./model-info.js";
import { headSample, type SampleChoice, sampleParams } from "./sample.js";
import { poolDirections } from "./texts.js";

export interface WordedHead extends HeadPlace {
  /** Directions that texts were projected on. */
  readonly rank: number;
  /** TextSpan's texts, in the order picked; `explained` is the share of the head's variance that this and those before it explain. */
  readonly texts: readonly { readonly text: string; readonly explained: number; readonly agrees: boolean }[];
  /** What most of the texts speak of, and their share; absent where none speaks of anything known. */
  readonly label?: { readonly property: string; readonly share: number };
  /** The sample's scenes furthest along the first text, `value` less the sample's mean. */
  readonly top: readonly { readonly index: number; readonly value: number; readonly scene: Scene }[];
}

export interface HeadWords extends SampleChoice {
  /** Texts to choose from. */
  readonly pool: number;
  readonly heads: readonly WordedHead[];
  /** Scenes drawn at random from the same sample, to set beside the top ones. */
  readonly random: readonly { readonly index: number; readonly scene: Scene }[];
}

const TEXTS = 5;
const PICTURES = 8;

export const headWords = job({
  summary: "TextSpan of the last layers' heads over a sample of scenes: texts, labels and top pictures of each.",
  params: z.strictObject({ model: modelRef, ...sampleParams }),
  async run(context, { model, ...choice }, control): Promise<HeadWords> {
    const open = await context.models.open(model, control);
    const key = `head words ${open.digest} ${choice.scenes} ${choice.seed}`;
    return kept(context, key, (shared) => find(context, open, choice, shared), control);
  },
});

async function find(
  context: JobContext,
  open: OpenModel,
  choice: SampleChoice,
  control: JobControl,
): Promise<HeadWords> {
  const sample = await headSample(context, open, choice, control);
  const { scenes, layout, rows, statistics, maps } = sample;
  const pool = wholePool();
  const directions = await poolDirections(context, open, pool.texts, control);
  control.progress({ stage: "choosing each head's texts", done: 0, total: statistics.heads.length, unit: "steps" });
  const spans = await headSpans(open.clip, statistics, maps, directions, { count: TEXTS });
  control.signal.throwIfAborted();
  const labels = labelHeads(spans, pool.texts, pool.assignments, TEXTS);
  const top = new TopImages(layout, statistics.heads, maps, spans, { directions: 1, count: PICTURES });
  top.add(rows, [...scenes.keys()]);
  return {
    ...choice,
    pool: pool.texts.length,
    heads: spans.map(({ layer, head, rank, picks, explained }, h) => {
      const { label, share, texts } = labels[h]!;
      return {
        layer,
        head,
        rank,
        texts: picks.map((pick, k) => ({
          text: pool.texts[pick]!,
          explained: explained[k]!,
          agrees: texts[k]!.agrees,
        })),
        ...(label === undefined ? {} : { label: { property: label, share } }),
        top: (top.best[h]![0] ?? []).map(({ index, value }) => ({ index, value, scene: scenes[index]! })),
      };
    }),
    random: seeded(choice.seed, "control pictures")
      .shuffled([...scenes.keys()])
      .slice(0, PICTURES)
      .map((index) => ({ index, scene: scenes[index]! })),
  };
}
