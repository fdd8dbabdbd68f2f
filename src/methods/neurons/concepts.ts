/**
 * What the neurons that speak up on a picture say, in words.
 *
 * Source: Gandelsman, Efros, Steinhardt, _Interpreting the Second-Order Effects of Neurons in CLIP_, ICLR 2025, section 6. Its public code
 * weighs a neuron by the length of its effect; here it is how far the effect goes along the neuron's direction, so that a neuron which
 * says the opposite of its words counts against them.
 */
import { UsageError } from "../../engine/errors.js";
import { showShape } from "../../engine/tensor/shape.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { SparseText } from "./sparse-text.js";
import type { NeuronStatistics } from "./statistics.js";

export interface Concepts {
  /** Neurons whose effect, less its mean, is longer than their threshold. */
  readonly active: readonly number[];
  /** The words that these say most. */
  readonly concepts: readonly { readonly text: number; readonly score: number }[];
}

/**
 * Of each picture with these `effects` [B,F,D], bookkeeping "clean"; `words` are the sparse texts of the `directions`, one list for each
 * neuron. Throws {@link UsageError} for shapes that do not fit.
 */
export function imageConcepts(
  effects: FloatTensor,
  statistics: Pick<NeuronStatistics, "mean_effects" | "thresholds" | "directions">,
  words: readonly Pick<SparseText, "words">[],
  top = 10,
): Concepts[] {
  const { mean_effects, thresholds, directions } = statistics;
  const [pictures, neurons, width] = effects.shape as [number, number, number];
  if (showShape(mean_effects.shape) !== showShape([neurons, width]) || words.length !== neurons) {
    throw new UsageError({
      what: "effects and statistics of different neurons",
      got: `effects ${showShape(effects.shape)}, means ${showShape(mean_effects.shape)}, words of ${words.length} neurons`,
      expected: "effects [B,F,D], means [F,D], words of F",
    });
  }
  return Array.from({ length: pictures }, (_, picture) => {
    const active: number[] = [];
    const scores = new Map<number, number>();
    for (let neuron = 0; neuron < neurons; neuron++) {
      let [square, along] = [0, 0];
      for (let i = 0; i < width; i++) {
        const at = neuron * width + i;
        const centred = effects.data[picture * neurons * width + at]! - mean_effects.data[at]!;
        square += centred ** 2;
        along += centred * directions.data[at]!;
      }
      if (Math.sqrt(square) <= thresholds.data[neuron]!) continue;
      active.push(neuron);
      for (const { text, coefficient } of words[neuron]!.words) {
        scores.set(text, (scores.get(text) ?? 0) + coefficient * along);
      }
    }
    const concepts = [...scores].map(([text, score]) => ({ text, score }));
    return { active, concepts: concepts.sort((a, b) => b.score - a.score || a.text - b.text).slice(0, top) };
  });
}
