/** `vitrine train ign-faces`: an idempotent generator of the world of faces. */
import { buildGenerator } from "../idempotent/build.js";
import { keptPictures } from "../idempotent/training-set.js";
import type { RecipeOptions, RecipeResult } from "../recipe.js";
import { FACE_COUNT, FACES, QUESTIONS, SETTINGS } from "./settings.js";

const TRIED = `What was tried: 16 channels and Adam for all weights, in as many steps. It rebuilt undamaged pictures to no better than 0.132 (the plain autoencoder to 0.117), and samples were
blurred: coverage 45% of real pictures', Fréchet distance 384. How far a network of this size comes in more steps was not tried.`;

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
