/** Two scenes that differ in one attribute and in nothing else, for experiments that ask what carries it. */
import type { Random } from "../../engine/tensor/random.js";
import { attributePrompts } from "./prompts.js";
import { sampleScene } from "./sample.js";
import type { Scene, SceneObject } from "./scene.js";
import { turnsOf } from "./shapes/table.js";
import { BACKGROUNDS, COLOURS, SHAPES, TEXTURES } from "./vocabulary.js";

export const PAIR_ATTRIBUTES = ["shape", "colour", "texture", "background"] as const;
export type PairAttribute = (typeof PAIR_ATTRIBUTES)[number];

export interface ScenePair {
  readonly scenes: readonly [Scene, Scene];
  /** What is true of each and false of the other. */
  readonly texts: readonly [string, string];
}

/** A clean picture of one object, and the same picture with another value of the attribute. */
export function scenePair(random: Random, attribute: PairAttribute): ScenePair {
  const scene = sampleScene(random, { objects: [1, 1], styles: ["clean"] });
  const [object] = scene.objects as [SceneObject];
  const another = <T>(values: readonly T[], value: T): T => {
    const others = values.filter((one) => one !== value);
    return others[random.below(others.length)]!;
  };
  const changed = (other: Partial<SceneObject>): Scene => ({ ...scene, objects: [{ ...object, ...other }] });
  const pair = (value: string, other: string, second: Scene): ScenePair => ({
    scenes: [scene, second],
    texts: [textOf(attribute, value), textOf(attribute, other)],
  });
  switch (attribute) {
    case "shape": {
      const shape = another(SHAPES, object.shape);
      // Some shapes may not be turned as far as others.
      const rotation = Math.max(-turnsOf(shape), Math.min(turnsOf(shape), object.rotation));
      return pair(object.shape, shape, changed({ shape, rotation }));
    }
    case "colour": {
      const colour = another(COLOURS, object.colour);
      return pair(object.colour, colour, changed({ colour }));
    }
    case "texture": {
      const texture = another(TEXTURES, object.texture);
      return pair(object.texture, texture, changed({ texture }));
    }
    case "background": {
      const background = another(BACKGROUNDS, scene.background);
      return pair(scene.background, background, { ...scene, background });
    }
  }
}

function textOf(attribute: PairAttribute, value: string): string {
  return attributePrompts(attribute).find((one) => one.value === value)!.prompts[0]!;
}
