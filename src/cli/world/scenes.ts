import { Random } from "../../engine/tensor/random.js";
import {
  caption,
  fullCaption,
  renderScene,
  runLengths,
  sampleScene,
  type Scene,
  sceneTruth,
} from "../../worlds/scenes/index.js";
import type { Drawn, DrawOptions } from "./drawn.js";

/** How much the descriptions on a sheet say. */
const DETAIL = 0.7;

export function drawScenes({ count, seed, spurious }: DrawOptions): Drawn[] {
  const [random, words] = [new Random(seed), new Random(seed)];
  return Array.from({ length: count }, () => {
    const scene = sampleScene(random, spurious === undefined ? {} : { spurious: { rate: spurious } });
    const text = caption(scene, words, { detail: DETAIL });
    return { text, picture: (size) => renderScene(scene, size), told: (size) => told(scene, text, size) };
  });
}

/** Masks as run lengths. */
function told(scene: Scene, text: string, size: number): object {
  const { objects, ...truth } = sceneTruth(scene, size);
  const masked = objects.map(({ mask, ...object }) => ({ ...object, mask: runLengths(mask) }));
  return { scene, caption: text, full_caption: fullCaption(scene), truth: { ...truth, objects: masked } };
}
