/** What a text says of scenes, and what is to be seen there. */
import { valuePhrases } from "./attribute-words.js";
import { type Attribute, ATTRIBUTES } from "./prompts.js";
import { positionOf, type Scene, type SceneObject } from "./scene.js";

/** One thing that a text says: that something is red, that the background is the sea. */
export interface SaidValue {
  readonly attribute: Attribute;
  readonly value: string;
}

const MEANINGS: ReadonlyMap<string, SaidValue> = new Map(
  ATTRIBUTES.flatMap((attribute) =>
    valuePhrases(attribute).map(([phrase, value]) => [phrase, { attribute, value }] as const),
  ),
);
const LONGEST = Math.max(...[...MEANINGS.keys()].map((phrase) => phrase.split(" ").length));

/**
 * Reads the values off a text in the words of captions, the longest phrases first; words of no meaning are passed over. Numbers and
 * relations ("to the left of") are not read.
 */
export function valuesSaid(text: string): SaidValue[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const values: SaidValue[] = [];
  for (let at = 0; at < words.length;) {
    const lengths = Array.from({ length: Math.min(LONGEST, words.length - at) }, (_, i) => i + 1).reverse();
    const length = lengths.find((n) => MEANINGS.has(words.slice(at, at + n).join(" ")));
    if (length !== undefined) values.push(MEANINGS.get(words.slice(at, at + length).join(" "))!);
    at += length ?? 1;
  }
  return values;
}

/**
 * How much of what is meant a scene shows, from 0 to 1: of the values, the share that is its background, its style, or at least one
 * object's. 0 for a text that says nothing.
 */
export function shareShown(scene: Scene, values: readonly SaidValue[]): number {
  const shown = values.filter(({ attribute, value }) =>
    attribute === "background" || attribute === "style"
      ? scene[attribute] === value
      : scene.objects.some((object) => (attribute === "position" ? positionOf(object) : object[attribute]) === value),
  );
  return shown.length / Math.max(1, values.length);
}

/** The value of an attribute in a scene; of its first object, the one furthest back, where it is an object's. */
export function valueOf(scene: Scene, attribute: Attribute): string {
  if (attribute === "background" || attribute === "style") return scene[attribute];
  const [object] = scene.objects as [SceneObject];
  return attribute === "position" ? positionOf(object) : object[attribute];
}

/** All values of an attribute that a scene shows: of an object's attribute, those of any object. */
export function valuesShown(scene: Scene, attribute: Attribute): string[] {
  if (attribute === "background" || attribute === "style") return [scene[attribute]];
  return [
    ...new Set(scene.objects.map((object) => (attribute === "position" ? positionOf(object) : object[attribute]))),
  ];
}
