/** The words of captions. The first of each list is the one that stands for the value; every word has one meaning. */
import type { Background, Colour, Position, Relation, Shape, Size, Style, Texture } from "./vocabulary.js";

export interface Noun {
  readonly one: string;
  readonly many: string;
}

const noun = (one: string, many = `${one}s`): Noun => ({ one, many });

export const SHAPE_NOUNS: Readonly<Record<Shape, readonly Noun[]>> = {
  circle: [noun("circle"), noun("disc")],
  square: [noun("square"), noun("box", "boxes")],
  triangle: [noun("triangle"), noun("wedge")],
  star: [noun("star")],
  heart: [noun("heart"), noun("valentine")],
  ring: [noun("ring"), noun("hoop")],
  cross: [noun("cross", "crosses"), noun("plus", "pluses")],
  crescent: [noun("crescent"), noun("moon")],
  diamond: [noun("diamond"), noun("rhombus", "rhombuses")],
  hexagon: [noun("hexagon")],
  arrow: [noun("arrow"), noun("pointer")],
  fish: [noun("fish", "fish"), noun("trout", "trout")],
  bird: [noun("bird"), noun("sparrow")],
  tree: [noun("tree"), noun("fir")],
  house: [noun("house"), noun("cottage")],
  flower: [noun("flower"), noun("blossom")],
  boat: [noun("boat"), noun("ship")],
  mushroom: [noun("mushroom"), noun("toadstool")],
};

/** For objects whose shape is left out. */
export const ANY_NOUNS: readonly Noun[] = [noun("object"), noun("thing"), noun("shape")];

export const COLOUR_WORDS: Readonly<Record<Colour, readonly string[]>> = {
  red: ["red", "scarlet"],
  orange: ["orange", "tangerine"],
  yellow: ["yellow", "golden"],
  green: ["green", "emerald"],
  blue: ["blue", "cobalt"],
  purple: ["purple", "violet"],
  pink: ["pink", "rosy"],
  brown: ["brown", "chestnut"],
  white: ["white", "snowy"],
  black: ["black", "ebony"],
};

export const TEXTURE_WORDS: Readonly<Record<Texture, readonly string[]>> = {
  solid: ["solid", "uniform"],
  striped: ["striped", "stripy"],
  dotted: ["dotted", "spotted"],
  checkered: ["checkered", "checked"],
  rippled: ["rippled", "concentric"],
  faded: ["faded", "fading"],
};

/** What can follow the noun instead of an adjective before it. */
export const TEXTURE_TAILS: Readonly<Record<Texture, readonly string[]>> = {
  solid: ["without pattern"],
  striped: ["with stripes"],
  dotted: ["with dots", "with spots"],
  checkered: ["with checks"],
  rippled: ["with ripples"],
  faded: ["with a gradient"],
};

export const SIZE_WORDS: Readonly<Record<Size, readonly string[]>> = {
  small: ["small", "little", "tiny"],
  medium: ["medium", "average"],
  large: ["large", "big", "huge"],
};

/** After an object. */
export const BACKGROUND_PLACES: Readonly<Record<Background, readonly string[]>> = {
  plain: ["on a plain background", "on a blank background"],
  sky: ["in the sky", "among clouds", "in the air"],
  grass: ["on the grass", "on a meadow", "on the lawn"],
  sea: ["in the sea", "in the ocean", "in the water"],
  sand: ["on the sand", "on the beach", "in the desert"],
  night: ["at night", "in the night", "at midnight"],
  brick: ["on a brick wall", "in front of bricks", "against a brick wall"],
  checker: ["on a checkerboard", "on a chessboard", "on a tiled floor"],
};

/** By itself. */
export const BACKGROUND_NAMES: Readonly<Record<Background, readonly string[]>> = {
  plain: ["a plain background", "a blank background"],
  sky: ["the sky", "the air"],
  grass: ["the grass", "a meadow", "the lawn"],
  sea: ["the sea", "the ocean", "the water"],
  sand: ["the sand", "the beach", "the desert"],
  night: ["the night", "midnight"],
  brick: ["a brick wall", "bricks"],
  checker: ["a checkerboard", "a chessboard", "a tiled floor"],
};

/** With an article; " of …" may follow. */
export const STYLE_NAMES: Readonly<Record<Style, readonly string[]>> = {
  clean: ["a clean picture", "a sharp image", "a crisp picture", "a clean photo"],
  noisy: ["a noisy picture", "a grainy photo", "a noisy image"],
  blurred: ["a blurred picture", "a blurry photo", "a blurred image"],
  sketch: ["a pencil sketch", "a sketch", "a drawing"],
  pixelated: ["a pixelated picture", "a blocky image", "a pixelated image"],
  dark: ["a dark picture", "a dim photo", "a dark image"],
};

/** Of any style. */
export const PICTURE_NAMES = ["a picture", "an image", "a photo"] as const;

export const POSITION_PLACES: Readonly<Record<Position, readonly string[]>> = {
  "top left": ["in the top left", "in the upper left", "in the top left corner"],
  top: ["at the top"],
  "top right": ["in the top right", "in the upper right", "in the top right corner"],
  left: ["on the left", "on the left side"],
  centre: ["in the centre", "in the middle"],
  right: ["on the right", "on the right side"],
  "bottom left": ["in the bottom left", "in the lower left", "in the bottom left corner"],
  bottom: ["at the bottom"],
  "bottom right": ["in the bottom right", "in the lower right", "in the bottom right corner"],
};

export const RELATION_WORDS: Readonly<Record<Relation, readonly string[]>> = {
  "left of": ["to the left of", "left of"],
  "right of": ["to the right of", "right of"],
  above: ["above", "over"],
  below: ["below", "beneath"],
};

/** Of two objects and more. */
export const NUMBER_WORDS: Readonly<Record<number, string>> = { 2: "two", 3: "three", 4: "four" };

/** `a` or `an` before it. */
export function withArticle(phrase: string): string {
  return `${/^[aeiou](?!ni)/.test(phrase) ? "an" : "a"} ${phrase}`;
}

/** Words that only the grammar brings in. */
const GLUE = "a an and of something the there is are";

/** Every word that captions, prompts and descriptions consist of, sorted. */
export const WORDS: readonly string[] = allWords();

function allWords(): string[] {
  const nouns = [...Object.values(SHAPE_NOUNS).flat(), ...ANY_NOUNS].flatMap(({ one, many }) => [one, many]);
  const tables = [
    COLOUR_WORDS,
    TEXTURE_WORDS,
    TEXTURE_TAILS,
    SIZE_WORDS,
    BACKGROUND_PLACES,
    BACKGROUND_NAMES,
    STYLE_NAMES,
    POSITION_PLACES,
    RELATION_WORDS,
  ];
  const listed = tables.flatMap((table) => Object.values(table).flat());
  const phrases = [...nouns, ...listed, ...PICTURE_NAMES, ...Object.values(NUMBER_WORDS), GLUE];
  return [...new Set(phrases.flatMap((phrase) => phrase.split(" ")))].sort();
}
