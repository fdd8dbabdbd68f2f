/** What a scene and those found for it have in common, beside what scenes have in common anyway. */
import { type Attribute, ATTRIBUTES, type SaidValue, type Scene, valuesShown } from "../../worlds/scenes/index.js";

/** Shares of scenes that show a value of an attribute which is asked for. */
export interface SharedValues {
  readonly attribute: Attribute;
  /** Of each list of scenes found. */
  readonly found: readonly number[];
  /** Of all scenes searched: what a random answer would have. */
  readonly chance: number;
}

/** The values that a scene shows, as {@link sharedValues} asks for them. */
export function valuesOf(scene: Scene): SaidValue[] {
  return ATTRIBUTES.flatMap((attribute) => valuesShown(scene, attribute).map((value) => ({ attribute, value })));
}

/** For each attribute that `asked` speaks of. `found` are lists of scenes out of `searched`. */
export function sharedValues(
  asked: readonly SaidValue[],
  found: readonly (readonly Scene[])[],
  searched: readonly Scene[],
): SharedValues[] {
  return ATTRIBUTES.flatMap((attribute) => {
    const values = asked.filter((one) => one.attribute === attribute).map(({ value }) => value);
    if (values.length === 0) return [];
    const share = (scenes: readonly Scene[]): number => {
      const sharing = scenes.filter((scene) => valuesShown(scene, attribute).some((value) => values.includes(value)));
      return sharing.length / Math.max(1, scenes.length);
    };
    return [{ attribute, found: found.map(share), chance: share(searched) }];
  });
}
