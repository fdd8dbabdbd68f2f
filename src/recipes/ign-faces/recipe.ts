/** `vitrine train ign-faces`: an idempotent generator of the world of faces. */
import { buildGenerator } from "../idempotent/build.js";
import { keptPictures } from "../idempotent/training-set.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { FACE_COUNT, FACES, QUESTIONS, SETTINGS } from "./settings.js";

export function run(options: RecipeOptions): Promise<RecipeResult> {
  return buildGenerator(
    {
      settings: SETTINGS,
      world: FACES,
      pictures: (seed) => keptPictures(FACES, seed, FACE_COUNT),
      words: {
        title: "Drawn faces",
        caveat: "It has seen drawn faces and nothing else (the world of faces): of photographs it knows nothing.",
        questions: Object.values(QUESTIONS),
        world: "faces",
      },
    },
    options,
  );
}
