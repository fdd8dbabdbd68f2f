import fc from "fast-check";
import { Random } from "../../../src/engine/tensor/random.js";
import { type Scene, sampleScene, type SceneOptions } from "../../../src/worlds/scenes/index.js";

/** `count` scenes from one seed. */
export function scenes(count: number, seed: number, options: SceneOptions = {}): Scene[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => sampleScene(random, options));
}

/** Any scene that can be drawn. */
export const anyScene = (options: SceneOptions = {}): fc.Arbitrary<Scene> =>
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seed) => sampleScene(new Random(seed), options));

/**
 * Fails when `hits` of `trials` is further from the rate than chance allows: five standard deviations, which happens
 * once in two million times.
 */
export function expectRate(hits: number, trials: number, rate: number): void {
  const deviation = Math.sqrt((rate * (1 - rate)) / trials);
  const off = Math.abs(hits / trials - rate);
  if (off > 5 * deviation + 1 / trials) throw new Error(`${hits} of ${trials} is not at a rate of ${rate}`);
}
