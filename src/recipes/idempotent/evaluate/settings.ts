/** What `vitrine eval idempotent` trains: small enough for many runs. */
import { floatTensor } from "../../../engine/tensor/tensor.js";
import type { JudgedWorld } from "../../../methods/idempotent/judge.js";
import { EXPERIMENTS, LISTING, type Objective } from "../../../methods/idempotent/objective.js";
import { GLYPH_CLASSES, glyphRows } from "../../../worlds/glyphs/index.js";
import type { GeneratorSettings } from "../settings.js";

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
  rate: 1e-3,
  settlingRate: 5e-4,
  settlingIdempotence: 1,
  betas: [0.5, 0.999],
  average: 0.995,
};
/** Beyond the steps of the others, for what settles. */
export const SETTLING = 1 / 4;

/** Variants that are the same training with other weights of its terms. */
export const OBJECTIVES = {
  listing: LISTING,
  experiments: EXPERIMENTS,
  "no tightness": { ...LISTING, tightness: 0 },
  "no idempotence": { ...LISTING, idempotence: 0 },
  autoencoder: { ...LISTING, idempotence: 0, tightness: 0 },
} satisfies Record<string, Objective>;

/** Noise that the denoising autoencoder is trained to remove: up to this deviation. */
export const DENOISED = 1;
/** As published for DCGAN. */
export const DCGAN_RATE = 2e-4;
