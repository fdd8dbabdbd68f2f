/** Sizes of what `vitrine bench captions` measures. */
import { READING, type RandomVlm } from "../../models/vlm/random-checkpoint.js";

/** Image tokens of LLaVA-1.5. */
export const IMAGE_TOKENS = 576;
export const WANTED_WORDS = 100;
/** Tokens in a run. */
export const DECODED = 16;
/** Megabytes that are read to measure the memory. */
export const READ_MEGABYTES = 400;

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
