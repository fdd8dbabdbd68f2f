/** What is known of a layer's neurons over the sample set; kept, since every view of the neurons begins with it. */
import { z } from "zod";
import { seeded } from "../engine/train/seeds.js";
import { NeuronEffects } from "../methods/neurons/second-order.js";
import { type SparseText, sparseText } from "../methods/neurons/sparse-text.js";
import { type NeuronStatistics, neuronStatistics } from "../methods/neurons/statistics.js";
import { textDictionary } from "../methods/neurons/text-dictionary.js";
import { wholePool } from "../methods/interpret/scene-lexicon.js";
import { explainedByChance } from "../methods/neurons/words-by-chance.js";
import type { Clip } from "../models/clip/clip.js";
import type { Scene } from "../worlds/scenes/index.js";
import type { JobContext, JobControl, OpenModel } from "./job.js";
import { kept } from "./kept.js";
import { pause } from "./pause.js";
import { modelRef } from "./model-info.js";
import { type SampleChoice, sampleParams, sampleScenes } from "./sample.js";
import { drawScenes, pixelBatches } from "./scene-set.js";
import { poolDirections } from "./texts.js";

/** A layer's neurons, seen over a sample; scene i is that of `vitrine neurons --scenes N --seed S`. */
export const layerOfScenes = {
  model: modelRef,
  /** From 0; the last layer has no later heads. */
  layer: z.int().min(0).max(1000),
  ...sampleParams,
};

export interface SurveyOptions extends SampleChoice {
  readonly layer: number;
}

export interface NeuronSurvey {
  readonly scenes: readonly Scene[];
  readonly statistics: NeuronStatistics;
  /** For each scene, [F]: lengths of the effects less their mean. */
  readonly lengths: readonly Float32Array[];
}

export interface NeuronWords {
  /** The pool. */
  readonly texts: readonly string[];
  /** By neuron. */
  readonly words: readonly SparseText[];
  /** Share that as many texts make up of directions drawn at random. */
  readonly explainedByChance: number;
}

/** Pictures per run of the model. */
const BATCH = 25;
/** Texts per neuron: `--atoms`. */
export const ATOMS = 16;

const opened = new WeakMap<Clip, Map<number, Promise<NeuronEffects>>>();

/** Throws what `NeuronEffects.of` throws. */
export function effectsOf(clip: Clip, layer: number): Promise<NeuronEffects> {
  const known = opened.get(clip) ?? new Map<number, Promise<NeuronEffects>>();
  opened.set(clip, known);
  const effects = known.get(layer) ?? NeuronEffects.of(clip, layer);
  known.set(layer, effects);
  effects.catch(() => known.delete(layer));
  return effects;
}

export function surveyOf(
  context: JobContext,
  { clip, digest }: OpenModel,
  { layer, ...choice }: SurveyOptions,
  control: JobControl,
): Promise<NeuronSurvey> {
  const { scenes: count, seed } = choice;
  return kept(
    context,
    `neuron survey ${digest} ${layer} ${count} ${seed}`,
    async (shared) => {
      const effects = await effectsOf(clip, layer);
      const scenes = sampleScenes(choice);
      const images = await drawScenes(clip, scenes, shared);
      const neurons = clip.parts.vision.hidden;
      const lengths: Float32Array[] = [];
      const statistics = await neuronStatistics(effects, () => pixelBatches(clip, images, BATCH, shared), {
        batch: BATCH,
        onProgress(done) {
          const stage = "reading scenes, each twice";
          shared.progress({ stage, done, total: 2 * count, unit: "pictures" });
        },
        onLengths({ data }) {
          for (let start = 0; start < data.length; start += neurons) lengths.push(data.slice(start, start + neurons));
        },
      });
      return { scenes, statistics, lengths };
    },
    control,
  );
}

/** Throws `MissingPartError` for a model without texts. */
export async function wordsOf(
  context: JobContext,
  open: OpenModel,
  options: SurveyOptions,
  control: JobControl,
): Promise<NeuronWords> {
  const { layer, scenes, seed } = options;
  const { statistics } = await surveyOf(context, open, options, control);
  return kept(
    context,
    `neuron words ${open.digest} ${layer} ${scenes} ${seed}`,
    async (shared) => {
      const { texts } = wholePool();
      const features = await poolDirections(context, open, texts, shared);
      await pause(shared.signal);
      const dictionary = textDictionary(features);
      const { device } = open.clip;
      const chance = { atoms: ATOMS, device, random: seeded(seed, "directions by chance") };
      const byChance = await explainedByChance(dictionary, chance);
      const words = await sparseText(statistics.directions, dictionary, {
        atoms: ATOMS,
        device,
        onProgress(done) {
          const total = statistics.thresholds.data.length;
          shared.progress({ stage: "putting neurons into words", done, total, unit: "steps" });
        },
      });
      return { texts, words, explainedByChance: byChance };
    },
    control,
  );
}
