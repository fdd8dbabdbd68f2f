/** Words of commands, as a shell reads them. */
import type { Picture } from "./picture.js";

/** In quotes where a shell would read more into it. */
export function quoted(word: string): string {
  return /^[\w./:@%+=,-]+$/.test(word) ? word : `"${word.replace(/["\\$`]/g, "\\$&")}"`;
}

/** A picture's file: what was dropped, or what a scene is saved as. */
export function pictureFile({ ref, name }: Picture): string {
  return quoted("scene" in ref ? `${name.replace(/\.json$/i, "")}.json` : name);
}

/** `--text "a cat"`, once for each. */
export const options = (name: string, words: readonly string[]): string[] =>
  words.map((word) => `--${name} ${quoted(word)}`);
