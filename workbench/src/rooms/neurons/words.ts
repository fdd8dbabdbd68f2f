/** Neurons' words, read off the compact form in which they come. */
import type { LayerWords } from "vitrine/jobs";

export interface Word {
  readonly text: string;
  readonly coefficient: number;
}

/** The largest coefficients first. */
export function wordsOf({ texts, picks, coefficients }: LayerWords, neuron: number, most = Infinity): Word[] {
  const width = picks.shape[1]!;
  const out: Word[] = [];
  for (let at = neuron * width; at < (neuron + 1) * width && out.length < most; at++) {
    if (picks.data[at]! >= 0) out.push({ text: texts[picks.data[at]!]!, coefficient: coefficients.data[at]! });
  }
  return out;
}

/** "a red square · not a tree" */
export const inWords = (words: readonly Word[]): string =>
  words.map(({ text, coefficient }) => (coefficient < 0 ? `not ${text}` : text)).join(" · ");
