/** All that decides what `zoo/vlm-scenes` becomes. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { LanguageConfig } from "../../models/language/config.js";
import type { AdamWSettings } from "../adamw-step.js";

/** The tower that sees; its weights stay as they are. */
export const TOWER = "clip-scenes";
/** The tower's tokens are read after this many blocks from its end, as LLaVA does: -2 leaves the last block out. */
export const TOWER_LAYER = -2;

/** Sizes of the language model; its vocabulary is that of the tower's texts. */
export const LANGUAGE: Omit<LanguageConfig, "vocabulary" | "startToken" | "endTokens"> = {
  layers: 6,
  width: 128,
  heads: 4,
  keyHeads: 4,
  headWidth: 32,
  hidden: 352,
  contextLength: 128,
  epsilon: 1e-5,
  rotary: { theta: 10_000 },
};

/** Tokens of a caption at most, its end included. */
export const CAPTION_LENGTH = 29;

/** How often fish are in the sea, birds in the sky, and trees beside houses; see `SceneOptions.spurious`. */
export const SPURIOUS_RATE = 0.9;

export interface Settings extends AdamWSettings {
  readonly seed: number;
  readonly batch: number;
}

export const SETTINGS: Settings = {
  seed: 0,
  steps: 1600,
  batch: 48,
  rate: 1.5e-3,
  warmup: 200,
  decay: 0.05,
  betas: [0.9, 0.98],
  clipNorm: 1,
};

/** What a run is compared by when it resumes. */
export function recipeOf(settings: Settings): Recipe {
  const { rotary, ...language } = LANGUAGE;
  return {
    recipe: "vlm-scenes",
    ...settings,
    betas: [...settings.betas],
    tower: TOWER,
    towerLayer: TOWER_LAYER,
    language: { ...language, theta: rotary.theta },
    captionLength: CAPTION_LENGTH,
    spurious: SPURIOUS_RATE,
  };
}
