/** Scenes as pictures: for a model that is to be looked at before anyone has chosen pictures for it. */
import type { Clip } from "../../models/clip/clip.js";
import { renderScene, sceneAt, type SceneOptions } from "../../worlds/scenes/index.js";
import type { PixelSource } from "../decompose/sources.js";

/** `count` scenes of the world, drawn at the model's size. */
export function sceneSource(clip: Clip, count: number, seed: number, options?: SceneOptions): PixelSource {
  const side = clip.parts.vision.imageSize;
  return {
    // Joined, a name is one piece of memory; a template would keep its parts beside it.
    names: Array.from({ length: count }, (_, i) => ["scene ", seed, "/", i].join("")),
    read(start, end) {
      const scenes = Array.from({ length: end - start }, (_, i) => sceneAt(seed, start + i, options));
      return Promise.resolve(clip.preprocess(scenes.map((scene) => renderScene(scene, side))));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
