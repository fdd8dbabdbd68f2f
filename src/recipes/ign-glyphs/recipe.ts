/** `vitrine train ign-glyphs`: an idempotent generator of the world of glyphs. */
import { buildGenerator } from "../idempotent/build.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { GLYPHS, SETTINGS } from "./settings.js";

export function run(options: RecipeOptions): Promise<RecipeResult> {
  return buildGenerator(
    {
      settings: SETTINGS,
      world: GLYPHS,
      words: {
        title: "Digits and capital letters as if written by hand, bright on dark",
        caveat: "It has seen drawn glyphs and nothing else (the world of glyphs).",
        questions: ["classes"],
        world: "glyphs",
      },
    },
    options,
  );
}
