/** Which words of a text speak of what. */
import type { Attribute } from "./prompts.js";
import {
  BACKGROUND_NAMES,
  BACKGROUND_PLACES,
  COLOUR_WORDS,
  NUMBER_WORDS,
  POSITION_PLACES,
  RELATION_WORDS,
  SHAPE_NOUNS,
  SIZE_WORDS,
  STYLE_NAMES,
  TEXTURE_TAILS,
  TEXTURE_WORDS,
} from "./words.js";

const all = (...tables: readonly Readonly<Record<string, readonly string[]>>[]): string[] =>
  tables.flatMap((table) => Object.values(table).flat());

/**
 * All words and phrases by what they speak of: the attributes, how many objects there are, and how two lie to each other. A
 * phrase may hold another ("on the left", "to the left of"): the longest one that stands in a text is the one that is meant.
 */
export const ATTRIBUTE_WORDS: Readonly<Record<Attribute | "count" | "relation", readonly string[]>> = {
  shape: Object.values(SHAPE_NOUNS).flatMap((nouns) => [...new Set(nouns.flatMap(({ one, many }) => [one, many]))]),
  colour: all(COLOUR_WORDS),
  texture: all(TEXTURE_WORDS, TEXTURE_TAILS),
  size: all(SIZE_WORDS),
  position: all(POSITION_PLACES),
  background: all(BACKGROUND_NAMES, BACKGROUND_PLACES),
  style: all(STYLE_NAMES),
  count: Object.values(NUMBER_WORDS),
  relation: all(RELATION_WORDS),
};
