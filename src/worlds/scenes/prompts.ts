/** Texts for zero-shot classification of one attribute, in forms that captions take too. */
import { phraseOf, plainest } from "./phrases.js";
import { BACKGROUNDS, COLOURS, POSITIONS, SHAPES, SIZES, STYLES, TEXTURES } from "./vocabulary.js";
import {
  ANY_NOUNS,
  BACKGROUND_NAMES,
  BACKGROUND_PLACES,
  PICTURE_NAMES,
  POSITION_PLACES,
  STYLE_NAMES,
  TEXTURE_TAILS,
  withArticle,
} from "./words.js";

export const ATTRIBUTES = ["shape", "colour", "texture", "size", "position", "background", "style"] as const;
export type Attribute = (typeof ATTRIBUTES)[number];

const VALUES: Readonly<Record<Attribute, readonly string[]>> = {
  shape: SHAPES,
  colour: COLOURS,
  texture: TEXTURES,
  size: SIZES,
  position: POSITIONS,
  background: BACKGROUNDS,
  style: STYLES,
};

export function valuesOf(attribute: Attribute): readonly string[] {
  return VALUES[attribute];
}

export interface AttributePrompts {
  readonly value: string;
  /** Average their embeddings. */
  readonly prompts: readonly string[];
}

const ANYTHING = ["something", ...ANY_NOUNS.map(({ one }) => withArticle(one))];

/** One entry per value, in the vocabulary's order. */
export function attributePrompts(attribute: Attribute): AttributePrompts[] {
  switch (attribute) {
    case "shape":
      return SHAPES.map((value) => ({ value, prompts: shown([phraseOf({ shape: value }, 1, plainest)]) }));
    case "colour":
      return COLOURS.map((value) => ({ value, prompts: shown(described(value)) }));
    case "texture":
      return TEXTURES.map((value) => {
        const tails = TEXTURE_TAILS[value].map((tail) => `something ${tail}`);
        return { value, prompts: shown([...described(value), ...tails]) };
      });
    case "size":
      return SIZES.map((value) => ({ value, prompts: shown(described(value)) }));
    case "position":
      return POSITIONS.map((value) => ({
        value,
        prompts: shown(ANYTHING.map((thing) => `${thing} ${POSITION_PLACES[value][0]!}`)),
      }));
    case "background":
      return BACKGROUNDS.map((value) => {
        const placed = ANYTHING.map((thing) => `${thing} ${BACKGROUND_PLACES[value][0]!}`);
        return { value, prompts: shown([BACKGROUND_NAMES[value][0]!, ...placed]) };
      });
    case "style":
      return STYLES.map((value) => ({
        value,
        prompts: STYLE_NAMES[value].flatMap((name) => [name, `${name} of something`, `${name} of an object`]),
      }));
  }
}

/** With an adjective and without a shape. */
function described(adjective: string): string[] {
  return [`something ${adjective}`, ...ANY_NOUNS.map(({ one }) => withArticle(`${adjective} ${one}`))];
}

/** By itself, and as what a picture shows. */
function shown(texts: readonly string[]): string[] {
  return [...texts, ...texts.flatMap((text) => PICTURE_NAMES.map((name) => `${name} of ${text}`))];
}
