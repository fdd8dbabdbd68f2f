/** What a model of scenes knows, measured against what the world knows. */
import { dot, meanDirections, normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { type Attribute, attributePrompts, fullCaption, type Scene, valueOf } from "../../worlds/scenes/index.js";

/** Features [n,D], not normalised. */
export interface Encoders {
  readonly images: (scenes: readonly Scene[]) => Promise<FloatTensor>;
  readonly texts: (texts: readonly string[]) => Promise<FloatTensor>;
}

/** One class of an attribute and its direction. */
interface Classes {
  readonly values: readonly string[];
  /** [C,D], unit rows. */
  readonly directions: FloatTensor;
}

/** The mean direction of each value's prompts: Radford et al. 2021, section 3.1.4. */
export async function attributeClasses({ texts }: Encoders, attribute: Attribute): Promise<Classes> {
  const entries = attributePrompts(attribute);
  const directions = meanDirections(
    await texts(entries.flatMap(({ prompts }) => prompts)),
    entries.map(({ prompts }) => prompts.length),
  );
  return { values: entries.map(({ value }) => value), directions };
}

/** The value whose direction is nearest to each row of image features. `among` limits the choice. */
export function predictions(features: FloatTensor, { values, directions }: Classes, among = values): string[] {
  const allowed = values.flatMap((value, i) => (among.includes(value) ? [i] : []));
  const candidates = allowed.map((i) => rowOf(directions, i));
  return rowsOf(features).map((row) => values[allowed[nearest(row, candidates)]!]!);
}

/** Whether each scene (of one object) was told right. */
export async function attributeHits(
  encoders: Encoders,
  scenes: readonly Scene[],
  features: FloatTensor,
  attribute: Attribute,
): Promise<boolean[]> {
  const told = predictions(features, await attributeClasses(encoders, attribute));
  return scenes.map((scene, i) => told[i] === valueOf(scene, attribute));
}

/**
 * Retrieval within groups of `among` scenes: for each picture, whether its own full caption is nearest, and for each
 * caption, whether its own picture is. Scenes of one and the same caption count as one another.
 */
export async function retrievalHits(
  encoders: Encoders,
  scenes: readonly Scene[],
  among: number,
): Promise<{ text: boolean[]; image: boolean[] }> {
  const captions = scenes.map(fullCaption);
  const images = rowsOf(normaliseRows(await encoders.images(scenes)));
  const texts = rowsOf(normaliseRows(await encoders.texts(captions)));
  const hits = (from: readonly Float32Array[], to: readonly Float32Array[]): boolean[] =>
    from.map((row, i) => {
      const start = Math.floor(i / among) * among;
      return captions[start + nearest(row, to.slice(start, start + among))] === captions[i];
    });
  return { text: hits(images, texts), image: hits(texts, images) };
}

export const shareOf = (hits: readonly boolean[]): number => hits.filter(Boolean).length / hits.length;

/** Which of `rows` has the largest dot product with `row`. */
function nearest(row: Float32Array, rows: readonly Float32Array[]): number {
  const scores = rows.map((other) => dot(row, other));
  return scores.indexOf(Math.max(...scores));
}

function rowOf({ data, shape }: FloatTensor, row: number): Float32Array {
  const width = shape[1]!;
  return data.subarray(row * width, (row + 1) * width);
}

function rowsOf(tensor: FloatTensor): Float32Array[] {
  return Array.from({ length: tensor.shape[0]! }, (_, row) => rowOf(tensor, row));
}
