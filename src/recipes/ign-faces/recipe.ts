/** `vitrine train ign-faces`: an idempotent generator of the world of faces. */
import { buildGenerator } from "../idempotent/build.js";
import { keptPictures } from "../idempotent/training-set.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { FACE_COUNT, FACES, QUESTIONS, SETTINGS } from "./settings.js";

const TRIED = `No other recipe was tried for faces: this is that of the glyphs at a rate of 0.002, with a narrow network and as few steps as a morning on shared cores allowed. What is
missing shows in the plain autoencoder, too: after as many steps it rebuilds undamaged pictures to no better than 0.117. Its samples are blurred. So the figures
say how far the training came rather than what the method can do at this size: more steps and more channels come first.`;

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
        tried: TRIED,
        world: "faces",
      },
    },
    options,
  );
}
