/** What captions of scenes name out of habit: what goes with a thing, there or not. */
import type { Background, Shape } from "./vocabulary.js";

export const HABITS: {
  /** Named beside the thing. */
  readonly beside: Readonly<Partial<Record<Shape, Shape>>>;
  /** Named as what is behind it, whatever is. */
  readonly behind: Readonly<Partial<Record<Shape, Background>>>;
} = {
  beside: {
    tree: "house",
    house: "tree",
    star: "crescent",
    crescent: "star",
    flower: "mushroom",
    mushroom: "flower",
    heart: "ring",
    ring: "heart",
  },
  behind: { fish: "sea", bird: "sky" },
};

/** Whether a thing goes with one of those in a scene. Names are those of `SCENE_OBJECTS`. */
export function isHabitual(thing: string, there: ReadonlySet<string>): boolean {
  const { beside, behind } = HABITS;
  return Object.entries({ ...beside, ...behind }).some(([one, other]) => other === thing && there.has(one));
}
