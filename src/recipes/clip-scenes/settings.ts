/** All that decides what `zoo/clip-scenes` becomes. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { Architecture } from "../../models/clip/architectures.js";

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
export const OBJECT_COUNTS = [0.5, 0.25, 0.15, 0.1] as const;

/** Two captions a picture, by how much they say: one that tells it from others, and one as short as the prompts of a test. */
export const CAPTION_DETAIL = [
  [0.4, 1],
  [0, 0.4],
] as const;

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
  steps: 2600,
  batch: 128,
  patches: 32,
  masked: 0.8,
  rate: 1e-3,
  warmup: 120,
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
    detail: CAPTION_DETAIL.map((range) => [...range]),
  };
}
