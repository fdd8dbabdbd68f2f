/** All that is in a scene, in words: what a model that describes pictures is to say. */
import { phraseOf, plainest } from "./phrases.js";
import type { Scene } from "./scene.js";
import { BACKGROUND_NAMES, BACKGROUND_PLACES } from "./words.js";

/**
 * Every object with size, texture, colour and shape, from left to right, and where they are; the plainest words, the same each time:
 * "a small striped red fish and a large solid blue house in the sea".
 */
export function account({ background, objects }: Scene): string {
  if (objects.length === 0) return BACKGROUND_NAMES[background][0]!;
  const things = [...objects].sort((a, b) => a.x - b.x).map((object) => phraseOf(object, 1, plainest));
  return `${things.join(" and ")} ${BACKGROUND_PLACES[background][0]!}`;
}
