/** What `vitrine eval idempotent` trains: small enough for many runs. */
import { floatTensor } from "../../../engine/tensor/tensor.js";
import type { JudgedWorld } from "../../../methods/idempotent/judge.js";
import {
  EXPERIMENTS,
  LISTING,
  type Objective,
  reconstructionOnly,
  SPREAD,
} from "../../../methods/idempotent/objective.js";
import { GLYPH_CLASSES, glyphRows } from "../../../worlds/glyphs/index.js";
import { type GeneratorSettings, SETTLING } from "../settings.js";

export const SIZE = 16;
const DIGITS = GLYPH_CLASSES.slice(0, 10);

export const DIGIT_WORLD: JudgedWorld = {
  shape: [1, SIZE, SIZE],
  questions: [DIGITS.length],
  rows(seed, first, count) {
    const { pixels, labels } = glyphRows({ seed, first, count, size: SIZE, classes: DIGITS });
    return { pixels: floatTensor(pixels, [count, 1, SIZE, SIZE]), labels: [labels] };
  },
};

export const STEPS = 1500;
export const QUICK_STEPS = 150;

export const SMALL: GeneratorSettings = {
  recipe: "eval-idempotent",
  architecture: { size: SIZE, channels: 1, width: 16 },
  objective: LISTING,
  noise: "gaussian",
  seed: 0,
  steps: STEPS,
  settling: 0,
  batch: 64,
  rate: 3e-3,
  settlingRate: 3e-3,
  settlingWeights: SETTLING,
  deviation: 0.3,
  betas: [0.5, 0.999],
  average: 0.995,
};
/**
 * Steps of settling for each step before it. They come on top, so that what comes before has as many steps as what does not settle; autoencoders, and a
 * second DCGAN, which what has settled is compared with, have as many as both parts together.
 */
export const SETTLING_SHARE = 1;

/** Variants that are the same training with other weights of its terms. */
export const OBJECTIVES = {
  spread: SPREAD,
  "spread without energy": { ...SPREAD, energy: 0 },
  listing: LISTING,
  experiments: EXPERIMENTS,
  "no tightness": { ...LISTING, tightness: 0 },
  "no idempotence": { ...LISTING, idempotence: 0 },
  autoencoder: reconstructionOnly(LISTING),
} satisfies Record<string, Objective>;

/** Noise that the denoising autoencoder is trained to remove: up to this deviation. */
export const DENOISED = 1;
/** Published: 2e-4. Of the two this does better at so few steps, on a seed that is not reported. */
export const DCGAN_RATE = 1e-3;
