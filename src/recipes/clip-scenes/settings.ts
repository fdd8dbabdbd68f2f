/** All that decides what `zoo/clip-scenes` becomes. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { Architecture } from "../../models/clip/architectures.js";
import type { Attribute } from "../../worlds/scenes/index.js";
import type { OptimiserSettings } from "../optimised-step.js";

export const ARCHITECTURE: Architecture = {
  vision: { layers: 4, width: 192, heads: 6, hidden: 768, imageSize: 64, patchSize: 8 },
  text: { layers: 3, width: 128, heads: 4, hidden: 512 },
  features: 128,
};

export const BLOCKS = { activation: "gelu", epsilon: 1e-5 } as const;

/** Tokens of a text, start and end included; the longest caption has 26. */
export const CONTEXT_LENGTH = 28;

export const NORMALISATION = { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] } as const;

/** How often fish are in the sea, birds in the sky, and trees beside houses; see `SceneOptions.spurious`. */
export const SPURIOUS_RATE = 0.9;

/** Chances of pictures with 1, 2, 3 and 4 objects. */
export const OBJECT_COUNTS = [0.6, 0.2, 0.12, 0.08] as const;

/** How much the caption says that tells a picture from others. */
export const CAPTION_DETAIL = [0.4, 1] as const;

/** Tokens of a text of one attribute at most, start and end included. */
export const ATTRIBUTE_LENGTH = 12;

/** How often each value of each attribute is said in a step, in other words each time. */
export const WORDINGS = 2;

/** How much it counts what patches are told by, beside the picture as a whole, which counts 1. */
export const PATCH_WEIGHTS: Readonly<Record<Attribute, number>> = {
  shape: 1,
  colour: 0.5,
  texture: 1,
  size: 0.5,
  position: 0.3,
  background: 0.3,
  style: 0,
};

/** Shares of pictures of plain and of single objects (curriculum.ts), at first and when this share of the steps is done. */
export const PLAIN_SHARES = [0.4, 0] as const;
export const SINGLE_SHARES = [0.3, 0.2] as const;
export const EASY_UNTIL = 0.4;

export interface Settings extends OptimiserSettings {
  readonly seed: number;
  readonly batch: number;
  /** Patches that a picture keeps while training, those of objects first, until a share of the steps is done; then all. */
  readonly patches: number;
  readonly cropped: number;
}

export const SETTINGS: Settings = {
  seed: 0,
  steps: 14_000,
  batch: 32,
  patches: 35,
  cropped: 0.75,
  rate: 2.5e-4,
  matrixRate: 6,
  warmup: 100,
  decay: 0.1,
  betas: [0.9, 0.99],
  clipNorm: 1,
};

/** What a run is compared by when it resumes. */
export function recipeOf(settings: Settings): Recipe {
  return {
    recipe: "clip-scenes",
    ...settings,
    betas: [...settings.betas],
    vision: { ...ARCHITECTURE.vision },
    text: { ...ARCHITECTURE.text },
    features: ARCHITECTURE.features,
    contextLength: CONTEXT_LENGTH,
    mean: [...NORMALISATION.mean],
    std: [...NORMALISATION.std],
    spurious: SPURIOUS_RATE,
    objects: [...OBJECT_COUNTS],
    detail: [...CAPTION_DETAIL],
    patchWeights: { ...PATCH_WEIGHTS },
    plain: [...PLAIN_SHARES],
    single: [...SINGLE_SHARES],
    easyUntil: EASY_UNTIL,
  };
}
