/** What a text says of scenes, and what is to be seen there. */
import { valuePhrases } from "./attribute-words.js";
import { type Attribute, ATTRIBUTES } from "./prompts.js";
import { positionOf, type Scene, type SceneObject } from "./scene.js";
import { NUMBER_WORDS } from "./words.js";

/** One thing that a text says: that something is red, that the background is the sea. */
export interface SaidValue {
  readonly attribute: Attribute;
  readonly value: string;
}

export interface Meaning {
  /** In the order in which the text says them. */
  readonly values: readonly SaidValue[];
  /** How many objects of this kind at least. */
  readonly count: number;
}

const MEANINGS: ReadonlyMap<string, SaidValue> = new Map(
  ATTRIBUTES.flatMap((attribute) =>
    valuePhrases(attribute).map(([phrase, value]) => [phrase, { attribute, value }] as const),
  ),
);
const LONGEST = Math.max(...[...MEANINGS.keys()].map((phrase) => phrase.split(" ").length));
const COUNTS: ReadonlyMap<string, number> = new Map(
  Object.entries(NUMBER_WORDS).map(([count, word]) => [word, Number(count)]),
);

/**
 * Reads the values off a text in the words of captions, the longest phrases first; words of no meaning are passed over. Relations
 * ("to the left of") are not read.
 */
export function meaningOf(text: string): Meaning {
  const words = text.toLowerCase().split(/\s+/);
  const values: SaidValue[] = [];
  let count = 1;
  for (let at = 0; at < words.length;) {
    const lengths = Array.from({ length: Math.min(LONGEST, words.length - at) }, (_, i) => i + 1).reverse();
    const length = lengths.find((n) => MEANINGS.has(words.slice(at, at + n).join(" ")));
    count = COUNTS.get(words[at]!) ?? count;
    if (length !== undefined) values.push(MEANINGS.get(words.slice(at, at + length).join(" "))!);
    at += length ?? 1;
  }
  return { values, count };
}

/**
 * Whether a scene shows what is meant: its background and style, and as many objects as are meant with all that is said of an object.
 * A text that names two shapes, colours, … means two objects: then each value must be an object's.
 */
export function shows(scene: Scene, { values, count }: Meaning): boolean {
  const ofScene = values.every(({ attribute, value }) =>
    attribute === "background" || attribute === "style" ? scene[attribute] === value : true,
  );
  if (!ofScene) return false;
  const ofObjects = values.filter(({ attribute }) => attribute !== "background" && attribute !== "style");
  const has = (object: SceneObject, { attribute, value }: SaidValue): boolean =>
    (attribute === "position" ? positionOf(object) : object[attribute as "shape"]) === value;
  const several = new Set(ofObjects.map(({ attribute }) => attribute)).size < ofObjects.length;
  if (several) return ofObjects.every((said) => scene.objects.some((object) => has(object, said)));
  return scene.objects.filter((object) => ofObjects.every((said) => has(object, said))).length >= count;
}

/** The value of an attribute in a scene; of its first object, the one furthest back, where it is an object's. */
export function valueOf(scene: Scene, attribute: Attribute): string {
  if (attribute === "background" || attribute === "style") return scene[attribute];
  const [object] = scene.objects as [SceneObject];
  return attribute === "position" ? positionOf(object) : object[attribute];
}
