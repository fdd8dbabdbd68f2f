import { z } from "zod";
import { seeded } from "../engine/train/seeds.js";
import { conceptScoresByChance, effectsFromMean, imageConcepts } from "../methods/neurons/concepts.js";
import { job } from "./job.js";
import { effectsOf, layerOfScenes, surveyOf, wordsOf } from "./neuron-survey.js";
import { pictureRef } from "./picture-ref.js";
import { pixelsOf } from "./pixels.js";

const params = z.strictObject({ ...layerOfScenes, picture: pictureRef });

/** Of one picture. F neurons. */
export interface PictureNeurons {
  /** [F]: lengths of the effects, less their mean over the sample set. */
  readonly lengths: Float32Array;
  /** [F]: how far they go along the neurons' directions. */
  readonly along: Float32Array;
}

export const pictureNeuronsJob = job({
  summary: "What each neuron of a layer makes later heads say of one picture.",
  params,
  async run(context, { model, picture, ...options }, control): Promise<PictureNeurons> {
    const open = await context.models.open(model, control);
    const { statistics } = await surveyOf(context, open, options, control);
    const pixels = await pixelsOf(context, open.clip, [picture]);
    const effects = await (await effectsOf(open.clip, options.layer)).effects(pixels);
    const { lengths, along } = effectsFromMean(effects, statistics);
    return { lengths: lengths.data, along: along.data };
  },
});

export interface PictureConcept {
  readonly text: string;
  readonly score: number;
  /** What the concept of this rank would score if the neurons had one another's words. */
  readonly chance: number;
}

export interface PictureConcepts {
  /** Neurons over their thresholds. */
  readonly active: readonly number[];
  readonly concepts: readonly PictureConcept[];
}

export const pictureConceptsJob = job({
  summary: "What the neurons that speak up on one picture say together, in words.",
  params,
  async run(context, { model, picture, ...options }, control): Promise<PictureConcepts> {
    const open = await context.models.open(model, control);
    const { statistics } = await surveyOf(context, open, options, control);
    const { texts, words } = await wordsOf(context, open, options, control);
    const pixels = await pixelsOf(context, open.clip, [picture]);
    const effects = await (await effectsOf(open.clip, options.layer)).effects(pixels);
    const [found] = imageConcepts(effects, statistics, words);
    const { active, concepts } = found!;
    const random = seeded(options.seed, "words of other neurons", options.layer);
    const chance = conceptScoresByChance(effects, statistics, words, { top: concepts.length, random });
    return {
      active,
      concepts: concepts.map(({ text, score }, rank) => ({ text: texts[text]!, score, chance: chance[rank]! })),
    };
  },
});
