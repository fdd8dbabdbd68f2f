/** Zero-shot answers about scenes: which value of an attribute a model takes a picture to show. */
import { dot, meanDirections } from "../engine/tensor/rows.js";
import type { FloatTensor } from "../engine/tensor/tensor.js";
import type { Clip } from "../models/clip/clip.js";
import { type Attribute, attributePrompts, renderScene, type Scene } from "../worlds/scenes/index.js";

export interface SceneClasses {
  readonly values: readonly string[];
  /** [C,D], unit rows. */
  readonly directions: FloatTensor;
}

/** The mean direction of each value's prompts: Radford et al. 2021, section 3.1.4. `encode` gives features [n,D] of texts. */
export async function attributeClasses(
  encode: (texts: readonly string[]) => Promise<FloatTensor>,
  attribute: Attribute,
): Promise<SceneClasses> {
  const entries = attributePrompts(attribute);
  const directions = meanDirections(
    await encode(entries.flatMap(({ prompts }) => prompts)),
    entries.map(({ prompts }) => prompts.length),
  );
  return { values: entries.map(({ value }) => value), directions };
}

/** The value whose direction is nearest to each row of image features. `among` limits the choice. */
export function predictions(features: FloatTensor, { values, directions }: SceneClasses, among = values): string[] {
  const allowed = values.flatMap((value, i) => (among.includes(value) ? [i] : []));
  const all = rowsOf(directions);
  const candidates = allowed.map((i) => all[i]!);
  return rowsOf(features).map((row) => values[allowed[nearestRow(row, candidates)]!]!);
}

/** Which of `rows` has the largest dot product with `row`. */
export function nearestRow(row: Float32Array, rows: readonly Float32Array[]): number {
  const scores = rows.map((other) => dot(row, other));
  return scores.indexOf(Math.max(...scores));
}

/** The rows of [n,D]. */
export function rowsOf({ data, shape }: FloatTensor): Float32Array[] {
  const width = shape[1]!;
  return Array.from({ length: shape[0]! }, (_, row) => data.subarray(row * width, (row + 1) * width));
}

/** Scenes as the model's input, [n,3,S,S]. */
export function scenePixels(clip: Clip, scenes: readonly Scene[]): FloatTensor {
  return clip.preprocess(scenes.map((scene) => renderScene(scene, clip.parts.vision.imageSize)));
}

/** Scenes as {@link scenePixels}, `size` at a time. */
export async function* sceneBatches(clip: Clip, scenes: readonly Scene[], size: number): AsyncGenerator<FloatTensor> {
  for (let start = 0; start < scenes.length; start += size) {
    yield await Promise.resolve(scenePixels(clip, scenes.slice(start, start + size)));
  }
}
