import { seeded } from "../../engine/train/seeds.js";
import { sampleScene, type SceneOptions } from "./sample.js";
import type { Scene } from "./scene.js";

/** Scene number `index` of the seed; the same whatever others are drawn. */
export function sceneAt(seed: number, index: number, options?: SceneOptions): Scene {
  return sampleScene(seeded(seed, "picture", index), options);
}
