/** All that decides what `zoo/clip-scenes` becomes. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { Architecture } from "../../models/clip/architectures.js";
import type { GlimpseKind } from "../../worlds/scenes/index.js";

export const ARCHITECTURE: Architecture = {
  vision: { layers: 6, width: 192, heads: 6, hidden: 768, imageSize: 64, patchSize: 8 },
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

/** Glimpses a picture, beside that caption: what is said so shortly is true of other pictures of the batch, too. */
export const GLIMPSES_A_PICTURE = 2;
/** Tokens of a glimpse at most, start and end included. */
export const GLIMPSE_LENGTH = 12;
/** How often a glimpse is of what: what is hard to see, most often. */
export const GLIMPSE_SHARES: Readonly<Record<GlimpseKind, number>> = {
  shape: 0.3,
  texture: 0.2,
  colour: 0.1,
  size: 0.1,
  position: 0.1,
  looks: 0.15,
  background: 0.03,
  style: 0.02,
};

export interface Settings {
  readonly seed: number;
  readonly steps: number;
  readonly batch: number;
  /** Patches that a picture keeps while training, until a share of the steps is done; then all of them. */
  readonly patches: number;
  readonly masked: number;
  readonly rate: number;
  readonly warmup: number;
  readonly decay: number;
  readonly betas: readonly [number, number];
  readonly clipNorm: number;
}

export const SETTINGS: Settings = {
  seed: 0,
  steps: 7500,
  batch: 64,
  patches: 32,
  masked: 0.6,
  rate: 3e-4,
  warmup: 200,
  decay: 0.1,
  betas: [0.9, 0.98],
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
    glimpses: GLIMPSES_A_PICTURE,
    glimpseShares: { ...GLIMPSE_SHARES },
  };
}
