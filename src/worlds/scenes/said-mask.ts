/** Where in a picture that lies which a text speaks of. */
import { type SaidValue, valuesSaid } from "./meaning.js";
import type { Scene } from "./scene.js";
import { type ObjectTruth, sceneTruth } from "./truth.js";

/**
 * The pixels [size,size] of what a text in the words of captions speaks of, 1 for foreground: of all objects that are as it says
 * ("a red heart"), or, for a text that names a background and no object, of all that no object hides. All 0 where the scene has no
 * such thing; undefined for a text that says nothing of where, such as "a sketch". A number is not heeded, and two things at once
 * ("a star and a ring") are no object.
 */
export function saidMask(scene: Scene, text: string, size: number): Uint8Array | undefined {
  const said = valuesSaid(text);
  const looks = said.filter(({ attribute }) => attribute !== "background" && attribute !== "style");
  const backgrounds = said.filter(({ attribute }) => attribute === "background");
  if (looks.length === 0 && backgrounds.length === 0) return undefined;
  const { objects, background } = sceneTruth(scene, size);
  const mask = new Uint8Array(size * size);
  if (looks.length > 0) {
    for (const object of objects.filter((one) => isAs(one, looks))) object.mask.forEach((one, i) => (mask[i]! |= one));
  } else if (backgrounds.every(({ value }) => value === background)) {
    mask.fill(1);
    for (const object of objects) object.mask.forEach((one, i) => (mask[i]! &= 1 - one));
  }
  return mask;
}

const isAs = (object: ObjectTruth, looks: readonly SaidValue[]): boolean =>
  looks.every(({ attribute, value }) => object[attribute as keyof ObjectTruth] === value);
