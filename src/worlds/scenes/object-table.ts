/** Which words name what can be in a scene: shapes, and what is behind them. */
import type { Scene } from "./scene.js";
import { type Background, SHAPES } from "./vocabulary.js";
import { SHAPE_NOUNS } from "./words.js";

/** Words for backgrounds that are things; a plain background is none. */
const BACKGROUND_WORDS: Readonly<Partial<Record<Background, readonly string[]>>> = {
  sky: ["sky", "cloud", "air"],
  grass: ["grass", "meadow", "lawn"],
  sea: ["sea", "ocean", "water"],
  sand: ["sand", "beach", "desert"],
  night: ["night", "midnight"],
  brick: ["brick"],
  checker: ["checkerboard", "chessboard", "floor"],
};

/** All words for each thing, singular and plural. */
export const SCENE_OBJECTS: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    SHAPES.map((shape) => [shape, SHAPE_NOUNS[shape].flatMap(({ one, many }) => [...new Set([one, many])])]),
  ),
  ...BACKGROUND_WORDS,
};

/** The things in a scene, as {@link SCENE_OBJECTS} names them. */
export function objectsIn({ background, objects }: Scene): Set<string> {
  const found = new Set<string>(objects.map(({ shape }) => shape));
  if (BACKGROUND_WORDS[background] !== undefined) found.add(background);
  return found;
}
