/**
 * Semantic adversarial images: what to show beside a thing so that a CLIP takes it for something else, found in the words of its neurons.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 6. A neuron that
 * speaks for the wrong class speaks for other things, too; these are shown.
 */
import { UsageError } from "../../engine/errors.js";
import { dot, normaliseRows } from "../../engine/tensor/rows.js";
import { seeded } from "../../engine/train/seeds.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { SparseText } from "./sparse-text.js";

/** One layer's neurons. */
export interface DescribedNeurons {
  readonly layer: number;
  /** [F,D], as `neuronStatistics` gives them. */
  readonly directions: FloatTensor;
  /** Of each neuron; texts are rows of one pool. */
  readonly words: readonly Pick<SparseText, "words">[];
}

export interface AdversarialWordsOptions {
  /** Neurons that count: those whose directions tell the classes apart most; default 50. */
  readonly neurons?: number;
  /** Texts to find; default 20. */
  readonly texts?: number;
  /** Texts that must not be shown: those that speak of the wrong class itself. */
  readonly exclude?: (text: number) => boolean;
}

export interface AdversarialWord {
  /** Row of the pool. */
  readonly text: number;
  /** What the text adds to its neuron's direction, times how much that direction speaks for the wrong class. */
  readonly score: number;
  readonly layer: number;
  readonly neuron: number;
}

/** Features [1,D] of the class that the picture is to be taken for, less those of the class that it shows; each of length 1. */
export function classDifference(wrong: FloatTensor, shown: FloatTensor): Float32Array {
  const other = normaliseRows(shown).data;
  return normaliseRows(wrong).data.map((x, i) => x - other[i]!);
}

/** The texts that speak most for the wrong class, each once, with the neuron that says so; `difference` [D] as {@link classDifference}. */
export function adversarialWords(
  layers: readonly DescribedNeurons[],
  difference: Float32Array,
  { neurons = 50, texts = 20, exclude = () => false }: AdversarialWordsOptions = {},
): AdversarialWord[] {
  const width = difference.length;
  const ranked = layers
    .flatMap(({ layer, directions: { data, shape }, words }) =>
      Array.from({ length: shape[0]! }, (_, neuron) => ({
        layer,
        neuron,
        along: dot(data.subarray(neuron * width, (neuron + 1) * width), difference),
        words: words[neuron]!.words,
      })),
    )
    .sort((a, b) => Math.abs(b.along) - Math.abs(a.along))
    .slice(0, neurons);
  const best = new Map<number, AdversarialWord>();
  for (const { layer, neuron, along, words } of ranked) {
    for (const { text, coefficient } of words) {
      const score = coefficient * along;
      if (score <= (best.get(text)?.score ?? 0) || exclude(text)) continue;
      best.set(text, { text, score, layer, neuron });
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.text - b.text).slice(0, texts);
}

/** As the reference drops words whose sentence embedding lies so near. */
const ALIKE = 0.6;

/**
 * For each text of a pool with features [M,D], whether it speaks of a class with features [1,D]: it holds the class's name, or lies near
 * it (cosine of 0.6 or more, both less the mean of the pool).
 */
export function speaksOf(name: string, own: FloatTensor, texts: readonly string[], features: FloatTensor): boolean[] {
  const width = own.data.length;
  const unit = normaliseRows(features).data;
  const mean = new Float64Array(width);
  unit.forEach((x, i) => (mean[i % width]! += x / texts.length));
  const centred = (row: Float32Array): Float32Array =>
    normaliseRows(
      floatTensor(
        row.map((x, i) => x - mean[i]!),
        [1, width],
      ),
    ).data;
  const wanted = centred(normaliseRows(own).data);
  const words = ` ${bare(name)} `;
  return texts.map(
    (text, i) =>
      ` ${bare(text)} `.includes(words) || dot(centred(unit.subarray(i * width, (i + 1) * width)), wanted) >= ALIKE,
  );
}

/** Lower-case words without articles and punctuation. */
function bare(text: string): string {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return words.filter((word) => !["a", "an", "the"].includes(word)).join(" ");
}

export interface PromptOptions {
  readonly count: number;
  /** Texts in each prompt; default 4. */
  readonly texts?: number;
  readonly seed: number;
}

/**
 * Prompts for any image generator: each names what is shown and some of the texts, drawn at random. Throws {@link UsageError} without texts.
 */
export function adversarialPrompts(
  shown: string,
  texts: readonly string[],
  { count, texts: each = 4, seed }: PromptOptions,
): string[] {
  if (texts.length === 0) {
    throw new UsageError({ what: "no texts to put into prompts", fix: "take more neurons, or a larger pool" });
  }
  const random = seeded(seed, "adversarial prompts");
  return Array.from({ length: count }, () => {
    const chosen = random.shuffled(texts).slice(0, each);
    const last = chosen.length > 1 ? ` and ${chosen.at(-1)!}` : chosen[0]!;
    return `A picture of ${shown}, with ${chosen.length > 1 ? chosen.slice(0, -1).join(", ") : ""}${last}`;
  });
}
