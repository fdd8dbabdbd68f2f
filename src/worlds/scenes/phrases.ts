/** Says what objects are, in part or in full. */
import type { SceneObject } from "./scene.js";
import type { Colour, Shape, Size, Texture } from "./vocabulary.js";
import {
  ANY_NOUNS,
  COLOUR_WORDS,
  NUMBER_WORDS,
  SHAPE_NOUNS,
  SIZE_WORDS,
  TEXTURE_TAILS,
  TEXTURE_WORDS,
  withArticle,
} from "./words.js";

/** What is said of an object; what is left out is not said. */
export interface Looks {
  readonly size?: Size;
  readonly texture?: Texture;
  readonly colour?: Colour;
  readonly shape?: Shape;
}

/** Words of a caption at most. */
export const MAX_WORDS = 24;

/** Chooses among ways to say the same. */
export type Choose = <T>(ways: readonly T[]) => T;

/** The first way: the plainest words. */
export const plainest: Choose = (ways) => ways[0]!;

export function matches(object: SceneObject, looks: Looks): boolean {
  return (
    (looks.size === undefined || looks.size === object.size) &&
    (looks.texture === undefined || looks.texture === object.texture) &&
    (looks.colour === undefined || looks.colour === object.colour) &&
    (looks.shape === undefined || looks.shape === object.shape)
  );
}

/** Such as "a small striped red fish", "two things with dots", "something red". */
export function phraseOf(looks: Looks, count: number, choose: Choose): string {
  const { size, texture, colour, shape } = looks;
  const tail = texture !== undefined && choose([false, false, true]) ? choose(TEXTURE_TAILS[texture]) : undefined;
  const adjectives = [
    ...(size === undefined ? [] : [choose(SIZE_WORDS[size])]),
    ...(texture === undefined || tail !== undefined ? [] : [choose(TEXTURE_WORDS[texture])]),
    ...(colour === undefined ? [] : [choose(COLOUR_WORDS[colour])]),
  ];
  const after = tail === undefined ? [] : [tail];
  if (shape === undefined && count === 1 && adjectives.length + after.length <= 1 && choose([false, true, true])) {
    return ["something", ...adjectives, ...after].join(" ");
  }
  const { one, many } = choose(shape === undefined ? ANY_NOUNS : SHAPE_NOUNS[shape]);
  if (count > 1) return [NUMBER_WORDS[count], ...adjectives, many, ...after].join(" ");
  return withArticle([...adjectives, one, ...after].join(" "));
}

export function wordsIn(text: string | undefined): number {
  return text === undefined || text === "" ? 0 : text.split(" ").length;
}
