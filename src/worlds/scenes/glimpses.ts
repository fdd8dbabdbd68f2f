/** The shortest captions: one or two attributes, and of which scenes they are true. */
import type { Random } from "../../engine/tensor/random.js";
import { type Choose, type Looks, matches, phraseOf } from "./phrases.js";
import { positionOf, type Scene, type SceneObject } from "./scene.js";
import { BACKGROUND_NAMES, BACKGROUND_PLACES, PICTURE_NAMES, POSITION_PLACES, STYLE_NAMES } from "./words.js";

export interface Glimpse {
  readonly text: string;
  readonly isTrueOf: (scene: Scene) => boolean;
}

/** What a glimpse may be of: `looks` is two attributes of one object. */
export const GLIMPSES = ["shape", "colour", "texture", "size", "position", "looks", "background", "style"] as const;
export type GlimpseKind = (typeof GLIMPSES)[number];

/** How often the plainest of several words is taken anyway. */
const PLAIN = 0.45;

/** A random glimpse of this kind that is true of the scene, which must hold an object unless it is of background or style. */
export function glimpse({ background, style, objects }: Scene, kind: GlimpseKind, random: Random): Glimpse {
  const choose: Choose = (ways) => (random.uniform() < PLAIN ? ways[0]! : ways[random.below(ways.length)]!);
  const shown = (text: string): string => (random.uniform() < 0.4 ? `${choose(PICTURE_NAMES)} of ${text}` : text);
  if (kind === "style") {
    const name = choose(STYLE_NAMES[style]);
    const text = random.uniform() < 0.5 ? name : `${name} of ${phraseOf({}, 1, choose)}`;
    return { text, isTrueOf: (scene) => scene.style === style };
  }
  if (kind === "background") {
    const placed = objects.length > 0 && random.uniform() < 0.5;
    const text = placed
      ? `${phraseOf({}, 1, choose)} ${choose(BACKGROUND_PLACES[background])}`
      : choose(BACKGROUND_NAMES[background]);
    return {
      text: shown(text),
      isTrueOf: (scene) => scene.background === background && (!placed || scene.objects.length > 0),
    };
  }
  const object = objects[random.below(objects.length)]!;
  if (kind === "position") {
    const position = positionOf(object);
    return {
      text: shown(`${phraseOf({}, 1, choose)} ${choose(POSITION_PLACES[position])}`),
      isTrueOf: (scene) => scene.objects.some((other) => positionOf(other) === position),
    };
  }
  const looks = kind === "looks" ? twoOf(object, random) : { [kind]: object[kind] };
  return {
    text: shown(phraseOf(looks, 1, choose)),
    isTrueOf: (scene) => scene.objects.some((other) => matches(other, looks)),
  };
}

/** The shape and something else of it. */
function twoOf({ shape, colour, texture, size }: SceneObject, random: Random): Looks {
  const others: readonly Looks[] = [{ colour }, { texture }, { size }];
  return { shape, ...others[random.below(others.length)] };
}
