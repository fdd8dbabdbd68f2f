/** The patches of a picture, and what they show. */
import type { SceneTruth } from "../../worlds/scenes/index.js";
import { ARCHITECTURE } from "./settings.js";

const { imageSize, patchSize } = ARCHITECTURE.vision;
/** Patches on a side. */
export const GRID = imageSize / patchSize;
/** The class token and the patches, row by row. */
export const TOKEN_COUNT = 1 + GRID ** 2;

/** Which share of the patch shows each object. The truth is of a picture of the model's size. */
export function objectAreas({ objects }: SceneTruth, patch: number): number[] {
  const [left, top] = [(patch % GRID) * patchSize, Math.floor(patch / GRID) * patchSize];
  return objects.map(({ mask }) => {
    let area = 0;
    for (let y = top; y < top + patchSize; y++) {
      for (let x = left; x < left + patchSize; x++) area += mask[y * imageSize + x]!;
    }
    return area / patchSize ** 2;
  });
}
