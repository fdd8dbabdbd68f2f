/** All that decides what `zoo/ign-glyphs` becomes. */
import { floatTensor } from "../../engine/tensor/tensor.js";
import { SPREAD } from "../../methods/idempotent/objective.js";
import { GLYPH_CLASSES, glyphRows } from "../../worlds/glyphs/index.js";
import type { JudgedWorld } from "../../methods/idempotent/judge.js";
import { type GeneratorSettings, SETTLING } from "../idempotent/settings.js";

export const SIZE = 28;

export const SETTINGS: GeneratorSettings = {
  recipe: "ign-glyphs",
  architecture: { size: SIZE, channels: 1, width: 32 },
  objective: SPREAD,
  noise: "gaussian",
  seed: 0,
  steps: 6000,
  settling: 0.5,
  batch: 64,
  rate: 3e-3,
  settlingRate: 3e-3,
  settlingWeights: SETTLING,
  deviation: 0.3,
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
