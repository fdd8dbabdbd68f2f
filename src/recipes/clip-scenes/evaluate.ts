/** What a model of scenes knows, measured against what the world knows. */
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { attributeClasses, nearestRow, predictions, rowsOf } from "../../methods/scene-classes.js";
import { type Attribute, fullCaption, type Scene, valueOf } from "../../worlds/scenes/index.js";

/** Features [n,D], not normalised. */
export interface Encoders {
  readonly images: (scenes: readonly Scene[]) => Promise<FloatTensor>;
  readonly texts: (texts: readonly string[]) => Promise<FloatTensor>;
}

/** Whether each scene (of one object) was told right. */
export async function attributeHits(
  encoders: Encoders,
  scenes: readonly Scene[],
  features: FloatTensor,
  attribute: Attribute,
): Promise<boolean[]> {
  const told = predictions(features, await attributeClasses(encoders.texts, attribute));
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
      return captions[start + nearestRow(row, to.slice(start, start + among))] === captions[i];
    });
  return { text: hits(images, texts), image: hits(texts, images) };
}

export const shareOf = (hits: readonly boolean[]): number => hits.filter(Boolean).length / hits.length;
