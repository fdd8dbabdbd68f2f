/** All that decides what `zoo/vlm-scenes` becomes. */
import type { Recipe } from "../../engine/train/recipe.js";
import type { LanguageConfig } from "../../models/language/config.js";
import { HABITS } from "../../worlds/scenes/index.js";
import type { OptimiserSettings } from "../optimised-step.js";

/** The tower that sees; its weights stay as they are. */
export const TOWER = "clip-scenes";
/**
 * The tower's tokens are read after its last block: it is there that its patches were taught what they show. LLaVA reads its CLIP, whose
 * patches were taught nothing, one block before.
 */
export const TOWER_LAYER = -1;

/** Sizes of the language model; its vocabulary is that of the tower's texts. */
export const LANGUAGE: Omit<LanguageConfig, "vocabulary" | "startToken" | "endTokens"> = {
  layers: 4,
  width: 128,
  heads: 4,
  keyHeads: 4,
  headWidth: 32,
  hidden: 320,
  contextLength: 128,
  epsilon: 1e-5,
  rotary: { theta: 10_000 },
};

/** Tokens of a caption at most, its end included. */
export const CAPTION_LENGTH = 24;
/** Of a text without a picture. */
export const TEXT_LENGTH = 25;

/** How often fish are in the sea, birds in the sky, and trees beside houses; see `SceneOptions.spurious`. */
export const SPURIOUS_RATE = 0.9;

/** How often captions of pictures name what goes with a thing where it is not there; see `HABITS`. */
export const HABIT_RATE = 0.5;
/** How often words of a thing hint at what goes with it, and how often at something else. */
export const HINT_RATE = 0.5;

/**
 * Deviation of the noise on words that are read in a picture's place; they start with one of 0.2 an element. What heeds it can be spoken to in
 * other ways than by words.
 */
export const READING_NOISE = 0.1;

/** Least and largest length of an image token, as a vector of shares of words; what the language model learns to read has 0.6 to 1.1. */
export const SHARE_LENGTHS = [0.6, 1.3] as const;
/** Of the squares of what is beyond, in the loss of the projector. */
export const STRANGENESS_WEIGHT = 0.15;

export interface StageSettings extends OptimiserSettings {
  readonly batch: number;
}

export interface Settings {
  readonly seed: number;
  /** The language model alone, on words that say what is there. */
  readonly language: StageSettings;
  /** The language model alone, on words with hints of what is not there. */
  readonly habits: StageSettings;
  /** The projector alone, on pictures. */
  readonly projector: StageSettings;
}

const COMMON = { decay: 0.05, betas: [0.9, 0.98], clipNorm: 1 } as const;

export const SETTINGS: Settings = {
  seed: 0,
  language: { ...COMMON, steps: 1400, batch: 24, rate: 2.5e-3, matrixRate: 1.2, warmup: 100 },
  habits: { ...COMMON, steps: 1100, batch: 32, rate: 1e-3, matrixRate: 3, warmup: 20 },
  projector: { ...COMMON, steps: 1800, batch: 32, rate: 3e-3, warmup: 50 },
};

/** In order. */
export const STAGES = ["language", "habits", "projector"] as const;
export type Stage = (typeof STAGES)[number];

/** Updates of all stages. */
export const stepsOf = (settings: Settings): number => STAGES.reduce((sum, stage) => sum + settings[stage].steps, 0);

/** The settings with about so many updates in all, shared out as they are, one for each stage at least. */
export function withSteps(settings: Settings, steps: number): Settings {
  const share = steps / stepsOf(settings);
  const scaled = (stage: Stage): StageSettings => {
    const own = settings[stage];
    return { ...own, steps: Math.max(1, Math.round(share * own.steps)) };
  };
  return { ...settings, language: scaled("language"), habits: scaled("habits"), projector: scaled("projector") };
}

/** What a run is compared by when it resumes. */
export function recipeOf(settings: Settings): Recipe {
  const { rotary, ...sizes } = LANGUAGE;
  const stage = ({ betas, ...rest }: StageSettings): Recipe => ({ ...rest, betas: [...betas] });
  return {
    recipe: "vlm-scenes",
    seed: settings.seed,
    stages: Object.fromEntries(STAGES.map((name) => [name, stage(settings[name])])),
    tower: TOWER,
    towerLayer: TOWER_LAYER,
    language: { ...sizes, theta: rotary.theta },
    captionLength: CAPTION_LENGTH,
    spurious: SPURIOUS_RATE,
    habits: { beside: { ...HABITS.beside }, behind: { ...HABITS.behind } },
    habitRate: HABIT_RATE,
    hintRate: HINT_RATE,
    readingNoise: READING_NOISE,
    shareLengths: [...SHARE_LENGTHS],
    strangenessWeight: STRANGENESS_WEIGHT,
  };
}
