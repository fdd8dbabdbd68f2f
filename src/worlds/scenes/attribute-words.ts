/** Which words of a text speak of what. */
import { type Attribute, ATTRIBUTES } from "./prompts.js";
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

type Table = Readonly<Record<string, readonly string[]>>;

const NOUNS: Table = Object.fromEntries(
  Object.entries(SHAPE_NOUNS).map(([shape, nouns]) => [shape, nouns.flatMap(({ one, many }) => [one, many])]),
);

const TABLES: Readonly<Record<Attribute, readonly Table[]>> = {
  shape: [NOUNS],
  colour: [COLOUR_WORDS],
  texture: [TEXTURE_WORDS, TEXTURE_TAILS],
  size: [SIZE_WORDS],
  position: [POSITION_PLACES],
  background: [BACKGROUND_NAMES, BACKGROUND_PLACES],
  style: [STYLE_NAMES],
};

/** Words and phrases for each value of an attribute, as pairs of phrase and value. */
export function valuePhrases(attribute: Attribute): (readonly [phrase: string, value: string])[] {
  return TABLES[attribute].flatMap((table) =>
    Object.entries(table).flatMap(([value, phrases]) =>
      [...new Set(phrases)].map((phrase) => [phrase, value] as const),
    ),
  );
}

/**
 * All words and phrases by what they speak of: the attributes, how many objects there are, and how two lie to each other. A
 * phrase may hold another ("on the left", "to the left of"): the longest one that stands in a text is the one that is meant.
 */
export const ATTRIBUTE_WORDS: Readonly<Record<Attribute | "count" | "relation", readonly string[]>> = {
  ...(Object.fromEntries(
    ATTRIBUTES.map((attribute) => [attribute, valuePhrases(attribute).map(([phrase]) => phrase)]),
  ) as Record<Attribute, string[]>),
  count: Object.values(NUMBER_WORDS),
  relation: Object.values(RELATION_WORDS).flat(),
};
