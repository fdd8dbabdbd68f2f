/** What captions of training say. */
import type { Random } from "../../engine/tensor/random.js";
import { HABITS, type Scene } from "../../worlds/scenes/index.js";
import { phraseOf, plainest } from "../../worlds/scenes/phrases.js";
import { BACKGROUND_PLACES } from "../../worlds/scenes/words.js";
import { patchObjects } from "./patch-words.js";
import { HABIT_RATE } from "./settings.js";

/** Things that a caption names at most: more do not fit. */
const MOST_NAMED = 5;

/**
 * Names colour and shape of all objects that are not small (of the first where all are), in the order in which one comes upon them
 * reading the picture's patches as one reads a page, and what is behind them: "a red fish and a blue house in the sea". With `habits`,
 * what goes with a thing is named at a rate although it is not there: beside the thing and of its colour, or as what is behind.
 */
export function describe(scene: Scene, habits?: Random): string {
  const { background, objects } = scene;
  const visible = [...new Set(patchObjects(scene).filter((object) => object !== undefined))];
  const large = visible.filter(({ size }) => size !== "small");
  const told = large.length > 0 ? large : visible.slice(0, 1);
  const shapes = new Set(objects.map(({ shape }) => shape));
  const phrases: string[] = [];
  let place = background;
  let left = MOST_NAMED - told.length;
  for (const { shape, colour } of told) {
    phrases.push(phraseOf({ shape, colour }, 1, plainest));
    if (habits === undefined) continue;
    const [beside, behind] = [HABITS.beside[shape], HABITS.behind[shape]];
    if (beside !== undefined && !shapes.has(beside) && left > 0 && habits.uniform() < HABIT_RATE) {
      phrases.push(phraseOf({ shape: beside, colour }, 1, plainest));
      shapes.add(beside);
      left--;
    }
    if (behind !== undefined && habits.uniform() < HABIT_RATE) place = behind;
  }
  return [phrases.join(" and "), BACKGROUND_PLACES[place][0]!].filter((part) => part !== "").join(" ");
}
