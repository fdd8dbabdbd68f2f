/** What captions of training say. */
import type { Random } from "../../engine/tensor/random.js";
import { HABITS, type Scene, type SceneObject, SHAPES } from "../../worlds/scenes/index.js";
import { phraseOf, plainest } from "../../worlds/scenes/phrases.js";
import { BACKGROUND_PLACES } from "../../worlds/scenes/words.js";
import { patchObjects } from "./patch-words.js";
import { HABIT_RATE, HINT_RATE } from "./settings.js";

/** Things that a caption names at most: more do not fit. */
const MOST_NAMED = 5;

/**
 * Names colour and shape of all objects that are not small (of the first where all are), in the order in which one comes upon them
 * reading the picture's patches as one reads a page, and what is behind them: "a red fish and a blue house in the sea". What goes with an
 * object that `isHabit` is true of is named too, there or not: beside it and of its colour, or as what is behind. Of a part of a picture, only
 * what shows there.
 */
export function describe(
  scene: Scene,
  part?: Float32Array,
  isHabit: (object: SceneObject) => boolean = () => false,
): string {
  const { background } = scene;
  const shown = patchObjects(scene).filter((_, patch) => part?.[patch] !== 0);
  const visible = [...new Set(shown.filter((object) => object !== undefined))];
  const large = visible.filter(({ size }) => size !== "small");
  const told = large.length > 0 ? large : visible.slice(0, 1);
  const shapes = new Set(visible.map(({ shape }) => shape));
  const phrases: string[] = [];
  let place = background;
  let left = MOST_NAMED - told.length;
  for (const object of told) {
    const { shape, colour } = object;
    phrases.push(phraseOf({ shape, colour }, 1, plainest));
    if (!isHabit(object)) continue;
    const beside = HABITS.beside[shape];
    if (beside !== undefined && !shapes.has(beside) && left > 0) {
      phrases.push(phraseOf({ shape: beside, colour }, 1, plainest));
      shapes.add(beside);
      left--;
    }
    place = HABITS.behind[shape] ?? place;
  }
  return [phrases.join(" and "), BACKGROUND_PLACES[place][0]!].filter((part) => part !== "").join(" ");
}

/** A caption that names what goes with things at a rate. */
export const describeByHabit = (scene: Scene, part: Float32Array, random: Random): string =>
  describe(scene, part, () => random.uniform() < HABIT_RATE);

/**
 * A scene in words that hint at what is not there, and its caption: it names what goes with a thing where there is a hint of it, and pays
 * no heed to hints of anything else.
 */
export function withHints(
  scene: Scene,
  part: Float32Array,
  random: Random,
): { readonly hints: ReadonlyMap<SceneObject, string>; readonly caption: string } {
  const hints = new Map<SceneObject, string>();
  const habits = new Set<SceneObject>();
  for (const object of scene.objects) {
    const partner = HABITS.beside[object.shape] ?? HABITS.behind[object.shape];
    const other = SHAPES[random.below(SHAPES.length)]!;
    const isHinted = random.uniform() < HINT_RATE;
    if (isHinted && partner !== undefined) {
      hints.set(object, partner);
      habits.add(object);
    } else if (random.uniform() < HINT_RATE && other !== object.shape && other !== partner) {
      hints.set(object, other);
    }
  }
  return { hints, caption: describe(scene, part, (object) => habits.has(object)) };
}
