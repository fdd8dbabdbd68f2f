/** Picture B, chosen without looking away from picture A. */
import { loadSamples } from "./add-pictures.js";
import { type Picture, pictureKey } from "./picture.js";
import { selection } from "./selection.svelte.js";

/** Compares with a picture, which is added to the others if it is new. */
export function compareWith(picture: Picture): void {
  const key = pictureKey(picture.ref);
  if (!selection.pictures.some(({ ref }) => pictureKey(ref) === key)) {
    selection.pictures = [...selection.pictures, picture];
  }
  if (key !== selection.pictureId) selection.secondId = key;
}

/** Compares with another of the chosen pictures, else with a sample, where nobody has chosen any. */
export async function compareWithAny(): Promise<void> {
  const { pictureId: own, pictures } = selection;
  if (own === undefined || selection.secondId !== undefined) return;
  const all = await candidates(pictures);
  const other = all.find(({ ref }) => pictureKey(ref) !== own);
  // Something may have been chosen while the samples were on their way.
  if (other !== undefined && selection.pictureId === own && !hasSecond()) compareWith(other);
}

const hasSecond = (): boolean => selection.secondId !== undefined;

/** What picture B can be: the pictures that are there, then the samples, by key. */
export async function candidates(pictures: readonly Picture[]): Promise<readonly Picture[]> {
  const samples = (await loadSamples()).map(({ scene, name }): Picture => ({ ref: { scene }, name }));
  const known = new Set(pictures.map(({ ref }) => pictureKey(ref)));
  return [...pictures, ...samples.filter(({ ref }) => !known.has(pictureKey(ref)))];
}
