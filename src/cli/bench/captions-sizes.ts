/** Sizes of what `vitrine bench captions` measures. */
import type { Quantisation } from "../../engine/tensor/quantise.js";
import { READING, type RandomVlm } from "../../models/vlm/random-checkpoint.js";

/** Image tokens of LLaVA-1.5. */
export const IMAGE_TOKENS = 576;
export const WANTED_WORDS = 100;
/** Tokens in a run. */
export const DECODED = 16;
/** Megabytes that are read to measure the memory. */
export const READ_MEGABYTES = 400;

/** Two blocks of LLaVA-1.5-7B as they are, to say tokens with; a vocabulary as small as there beside 32 blocks. */
export const SPEAKING: RandomVlm["language"] = {
  layers: 2,
  width: 4096,
  heads: 32,
  keyHeads: 32,
  headWidth: 128,
  hidden: 11_008,
  vocabulary: 2000,
  contextLength: 4096,
  ...READING,
};

/** Forms of weights that tokens are said with. */
export const FORMS = [
  { bits: 4, block: 32 },
  { bits: 4, block: 128 },
  { bits: 8, block: 32 },
] as const satisfies readonly Quantisation[];

/** A quarter of LLaVA-1.5-7B's width and depth; the vocabulary is to the width as there (7.8 times). */
export const LANGUAGE: RandomVlm["language"] = {
  layers: 8,
  width: 1024,
  heads: 8,
  keyHeads: 8,
  headWidth: 128,
  hidden: 2752,
  vocabulary: 8000,
  contextLength: 4096,
  ...READING,
};
