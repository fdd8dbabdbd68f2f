/** Descriptions of scenes and what each speaks of, for evaluations. */
import { Random } from "../../engine/tensor/random.js";
import { assignByWords, type Assignment, balancedRows, type Property } from "./properties.js";
import { allDescriptions, ATTRIBUTE_WORDS } from "../../worlds/scenes/index.js";

export const SCENE_PROPERTIES: readonly Property[] = Object.entries(ATTRIBUTE_WORDS).map(([name, words]) => ({
  name,
  words,
}));

export interface ScenePool {
  readonly texts: readonly string[];
  readonly assignments: readonly Assignment[];
}

/** As many as the scarcest attributes have, so that no property is found because most texts speak of it. */
const TEXTS_PER_PROPERTY = 14;

/** Texts of one property each, as many of each, drawn by a seed. */
export function balancedPool(seed: number): ScenePool {
  const all = allDescriptions();
  const rows = balancedRows(assignByWords(all, SCENE_PROPERTIES), TEXTS_PER_PROPERTY, new Random(seed));
  return assigned(rows.map((row) => all[row]!));
}

export const wholePool = (): ScenePool => assigned(allDescriptions());

function assigned(texts: readonly string[]): ScenePool {
  return { texts, assignments: assignByWords(texts, SCENE_PROPERTIES) };
}
