/** Adversarial scenes: an object of one shape, with what given texts say around it. */
import type { Random } from "../../engine/tensor/random.js";
import {
  composeScene,
  MAX_OBJECTS,
  type ObjectWish,
  type Scene,
  type SceneWish,
  type Shape,
  valuesSaid,
} from "../../worlds/scenes/index.js";

export interface AdversarialScenesOptions {
  readonly shown: Shape;
  /** Never drawn. */
  readonly wrong: Shape;
  readonly count: number;
  /** Texts that each scene tries to show, drawn at random; default 4. */
  readonly texts?: number;
}

/**
 * Scenes that show what the texts say, in the order drawn: the first background and style; looks without a shape go to the object shown,
 * those with one to an object beside it.
 */
export function adversarialScenes(
  texts: readonly string[],
  { shown, wrong, count, texts: each = 4 }: AdversarialScenesOptions,
  random: Random,
): Scene[] {
  return Array.from({ length: count }, () =>
    composeScene(random, wishOf(random.shuffled(texts).slice(0, each), shown, wrong)),
  );
}

function wishOf(texts: readonly string[], shown: Shape, wrong: Shape): SceneWish {
  let own: ObjectWish = { shape: shown };
  let ofScene: Omit<SceneWish, "objects"> = {};
  const others: ObjectWish[] = [];
  for (const text of texts) {
    const said = valuesSaid(text);
    const shapes = said.flatMap(({ attribute, value }) => (attribute === "shape" ? [value as Shape] : []));
    const looks = Object.fromEntries(
      said.flatMap(({ attribute, value }) =>
        attribute === "shape" || attribute === "background" || attribute === "style" ? [] : [[attribute, value]],
      ),
    ) as Omit<ObjectWish, "shape">;
    for (const { attribute, value } of said) {
      // What was said first stands.
      if (attribute === "background" || attribute === "style") ofScene = { [attribute]: value, ...ofScene };
    }
    const beside = shapes.filter((shape) => shape !== shown && shape !== wrong);
    if (beside.length === 0) own = { ...looks, ...own };
    for (const shape of beside) if (others.length < MAX_OBJECTS - 1) others.push({ shape, ...looks });
  }
  return { objects: [own, ...others], ...ofScene };
}
