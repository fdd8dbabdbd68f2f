/**
 * What the neurons that speak up on a picture say, in words.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 6. Its public code
 * weighs a neuron by the length of its effect; here it is how far the effect goes along the neuron's direction, so that a neuron which
 * says the opposite of its words counts against them.
 */
import { UsageError } from "../../engine/errors.js";
import { showShape } from "../../engine/tensor/shape.js";
import type { Random } from "../../engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { SparseText } from "./sparse-text.js";
import type { NeuronStatistics } from "./statistics.js";

export interface Concepts {
  /** Neurons whose effect, less its mean, is longer than their threshold. */
  readonly active: readonly number[];
  /** The words that these say most. */
  readonly concepts: readonly { readonly text: number; readonly score: number }[];
}

/** Lengths [B,F] of effects less their mean, and how far these go along the neurons' directions. */
export interface EffectsFromMean {
  readonly lengths: FloatTensor;
  readonly along: FloatTensor;
}

/** Of `effects` [B,F,D], bookkeeping "clean". Throws {@link UsageError} for shapes that do not fit. */
export function effectsFromMean(
  effects: FloatTensor,
  { mean_effects, directions }: Pick<NeuronStatistics, "mean_effects" | "directions">,
): EffectsFromMean {
  const [pictures, neurons, width] = effects.shape as [number, number, number];
  if (showShape(mean_effects.shape) !== showShape([neurons, width])) {
    throw new UsageError({
      what: "effects and statistics of different neurons",
      got: `effects ${showShape(effects.shape)}, means ${showShape(mean_effects.shape)}`,
      expected: "effects [B,F,D], means [F,D]",
    });
  }
  const lengths = new Float32Array(pictures * neurons);
  const along = new Float32Array(pictures * neurons);
  for (let row = 0; row < lengths.length; row++) {
    const at = (row % neurons) * width;
    let [square, product] = [0, 0];
    for (let i = 0; i < width; i++) {
      const centred = effects.data[row * width + i]! - mean_effects.data[at + i]!;
      square += centred ** 2;
      product += centred * directions.data[at + i]!;
    }
    lengths[row] = Math.sqrt(square);
    along[row] = product;
  }
  const shape = [pictures, neurons];
  return { lengths: floatTensor(lengths, shape), along: floatTensor(along, shape) };
}

type Words = readonly Pick<SparseText, "words">[];

/**
 * Of each picture with these `effects` [B,F,D], bookkeeping "clean"; `words` are the sparse texts of the `directions`, one list for each
 * neuron. Throws {@link UsageError} for shapes that do not fit.
 */
export function imageConcepts(
  effects: FloatTensor,
  statistics: Pick<NeuronStatistics, "mean_effects" | "thresholds" | "directions">,
  words: Words,
  top = 10,
): Concepts[] {
  const fromMean = effectsFromMean(effects, statistics);
  const [pictures, neurons] = fromMean.lengths.shape as [number, number];
  if (words.length !== neurons) {
    throw new UsageError({
      what: "effects and words of different neurons",
      got: `effects ${showShape(effects.shape)}, words of ${words.length} neurons`,
      expected: "effects [B,F,D], words of F",
    });
  }
  return Array.from({ length: pictures }, (_, picture) => {
    const active = activeNeurons(fromMean, statistics, picture);
    return { active, concepts: sumsOfWords(active, words, alongOf(fromMean, picture)).slice(0, top) };
  });
}

/**
 * What the `top` strongest concepts of a picture would score if the neurons that speak up had the words of others, drawn at random:
 * the mean of `draws`, the largest first. Concepts that score no more say nothing of the picture.
 */
export function conceptScoresByChance(
  effects: FloatTensor,
  statistics: Pick<NeuronStatistics, "mean_effects" | "thresholds" | "directions">,
  words: Words,
  { picture = 0, top = 10, draws = 20, random }: ChanceOptions,
): number[] {
  const fromMean = effectsFromMean(effects, statistics);
  const active = activeNeurons(fromMean, statistics, picture);
  const along = alongOf(fromMean, picture);
  const means = new Array<number>(top).fill(0);
  for (let draw = 0; draw < draws; draw++) {
    const found = sumsOfWords(active, random.shuffled(words), along);
    for (let rank = 0; rank < top; rank++) means[rank]! += (found[rank]?.score ?? 0) / draws;
  }
  return means;
}

export interface ChanceOptions {
  /** Row of the effects. */
  readonly picture?: number;
  readonly top?: number;
  readonly draws?: number;
  readonly random: Random;
}

function activeNeurons(
  { lengths }: EffectsFromMean,
  { thresholds }: Pick<NeuronStatistics, "thresholds">,
  picture: number,
): number[] {
  const count = thresholds.data.length;
  return [...thresholds.data.keys()].filter((i) => lengths.data[picture * count + i]! > thresholds.data[i]!);
}

function alongOf({ along }: EffectsFromMean, picture: number): Float32Array {
  const count = along.shape[1]!;
  return along.data.subarray(picture * count, (picture + 1) * count);
}

/** All texts of the neurons, each by the sum of its coefficients times how far the neuron goes, the largest first. */
function sumsOfWords(neurons: readonly number[], words: Words, along: Float32Array): Concepts["concepts"] {
  const scores = new Map<number, number>();
  for (const neuron of neurons) {
    for (const { text, coefficient } of words[neuron]!.words) {
      scores.set(text, (scores.get(text) ?? 0) + coefficient * along[neuron]!);
    }
  }
  const concepts = [...scores].map(([text, score]) => ({ text, score }));
  return concepts.sort((a, b) => b.score - a.score || a.text - b.text);
}
