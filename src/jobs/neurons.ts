import { z } from "zod";
import { type FloatTensor, floatTensor, intTensor, type Tensor } from "../engine/tensor/tensor.js";
import { job } from "./job.js";
import { ATOMS, layerOfScenes, surveyOf, wordsOf } from "./neuron-survey.js";

/** A layer's neurons over the sample set. F neurons; effects are over the norm of the picture's features. */
export interface LayerNeurons {
  readonly scenes: number;
  /** Scenes that a neuron's threshold and direction are taken from: its strongest. */
  readonly strongest: number;
  /** [F]: mean length of the effects. */
  readonly meanLengths: Float32Array;
  /** [F]: length of the weakest of the strongest effects, less their mean. */
  readonly thresholds: Float32Array;
  /** [F]: share of all squared lengths that the strongest have. */
  readonly concentrations: Float32Array;
  /** [F]: share of the strongest effects' squared length along one direction, and along random ones. */
  readonly explained: Float32Array;
  readonly explainedRandom: Float32Array;
}

export const neuronsJob = job({
  summary: "What each neuron of a layer makes later heads say, over scenes of a seed.",
  params: z.strictObject(layerOfScenes),
  async run(context, { model, ...options }, control): Promise<LayerNeurons> {
    const open = await context.models.open(model, control);
    const { statistics } = await surveyOf(context, open, options, control);
    return {
      scenes: statistics.count,
      strongest: statistics.top_pictures.shape[1]!,
      meanLengths: statistics.mean_lengths.data,
      thresholds: statistics.thresholds.data,
      concentrations: statistics.concentrations.data,
      explained: statistics.explained.data,
      explainedRandom: statistics.explained_random.data,
    };
  },
});

/** The neurons' directions as sums of texts. */
export interface LayerWords {
  /** The pool that the words are from. */
  readonly texts: readonly string[];
  /** [F,k]: rows of the pool, by the size of their coefficients; -1 where a neuron has fewer. */
  readonly picks: Tensor<"int32">;
  /** [F,k] */
  readonly coefficients: FloatTensor;
  /** [F]: share of the direction's squared length that its words make up. */
  readonly explained: Float32Array;
  /** The same of directions drawn at random, on average. */
  readonly explainedByChance: number;
}

export const neuronWordsJob = job({
  summary: "The directions of a layer's neurons as sums of a few descriptions of scenes.",
  params: z.strictObject(layerOfScenes),
  async run(context, { model, ...options }, control): Promise<LayerWords> {
    const open = await context.models.open(model, control);
    const { texts, words, explainedByChance } = await wordsOf(context, open, options, control);
    const picks = new Int32Array(words.length * ATOMS).fill(-1);
    const coefficients = new Float32Array(words.length * ATOMS);
    for (const [neuron, { words: own }] of words.entries()) {
      for (const [i, { text, coefficient }] of own.entries()) {
        picks[neuron * ATOMS + i] = text;
        coefficients[neuron * ATOMS + i] = coefficient;
      }
    }
    const shape = [words.length, ATOMS];
    return {
      texts,
      picks: intTensor(picks, shape),
      coefficients: floatTensor(coefficients, shape),
      explained: Float32Array.from(words, ({ explained }) => explained),
      explainedByChance,
    };
  },
});
