/** All that decides what `zoo/ign-glyphs` becomes. */
import { floatTensor } from "../../engine/tensor/tensor.js";
import { LISTING } from "../../methods/idempotent/objective.js";
import { GLYPH_CLASSES, glyphRows } from "../../worlds/glyphs/index.js";
import type { JudgedWorld } from "../../methods/idempotent/judge.js";
import type { GeneratorSettings } from "../idempotent/settings.js";

export const SIZE = 28;

export const SETTINGS: GeneratorSettings = {
  recipe: "ign-glyphs",
  architecture: { size: SIZE, channels: 1, width: 32 },
  objective: LISTING,
  noise: "gaussian",
  seed: 0,
  steps: 5000,
  settling: 0.25,
  batch: 64,
  rate: 8e-4,
  settlingRate: 5e-4,
  settlingIdempotence: 1,
  betas: [0.5, 0.999],
  average: 0.995,
};

export const GLYPHS: JudgedWorld = {
  shape: [1, SIZE, SIZE],
  questions: [GLYPH_CLASSES.length],
  rows(seed, first, count) {
    const { pixels, labels } = glyphRows({ seed, first, count, size: SIZE });
    return { pixels: floatTensor(pixels, [count, 1, SIZE, SIZE]), labels: [labels] };
  },
};
