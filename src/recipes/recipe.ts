/** What can be trained by name. */
import { UsageError } from "../engine/errors.js";
import type { TrainingProgress } from "../engine/train/loop.js";

export interface RecipeOptions {
  /** Where checkpoints, log and the finished model go; a run that is there goes on. */
  readonly folder: string;
  /** Instead of the recipe's own. */
  readonly steps?: number;
  readonly seed?: number;
  /** A folder of pictures or IDX files to train on, instead of the recipe's world. */
  readonly data?: string;
  /** Ends the run after the step under way, saved. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TrainingProgress) => void;
  /** Says what is done when it is not training. */
  readonly onNotice?: (text: string) => void;
}

export interface RecipeResult {
  /** Whether the signal ended the run before its last step. */
  readonly stopped: boolean;
  readonly step: number;
  readonly steps: number;
  /** The folder of the finished model. */
  readonly model?: string;
  /** Plain data. */
  readonly card?: object;
}

interface RecipeModule {
  readonly run: (options: RecipeOptions) => Promise<RecipeResult>;
}

/** Each is loaded when it is run. */
const RECIPES: Readonly<Record<string, () => Promise<RecipeModule>>> = {
  "clip-scenes": () => import("./clip-scenes/recipe.js"),
  "ign-faces": () => import("./ign-faces/recipe.js"),
  "ign-glyphs": () => import("./ign-glyphs/recipe.js"),
  "vlm-scenes": () => import("./vlm-scenes/recipe.js"),
};

/** Throws {@link UsageError} for an unknown name, and what training throws. */
export async function runRecipe(name: string, options: RecipeOptions): Promise<RecipeResult> {
  if (!Object.hasOwn(RECIPES, name)) {
    throw new UsageError({ what: "no such recipe", got: `"${name}"`, expected: Object.keys(RECIPES).join(", ") });
  }
  const { run } = await RECIPES[name]!();
  return run(options);
}
