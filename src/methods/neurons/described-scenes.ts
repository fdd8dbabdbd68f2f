/** The neurons of a layer, as scenes show them: what evaluations of effects and words begin with. */
import { seeded } from "../../engine/train/seeds.js";
import type { Clip } from "../../models/clip/clip.js";
import { allDescriptions, sampleScene, type SceneOptions } from "../../worlds/scenes/index.js";
import { sceneBatches } from "../scene-classes.js";
import type { DescribedNeurons } from "./adversarial.js";
import { NeuronEffects } from "./second-order.js";
import { sparseText } from "./sparse-text.js";
import { type NeuronStatistics, neuronStatistics } from "./statistics.js";
import { textDictionary } from "./text-dictionary.js";

/** So that attributes have one value each. */
export const SINGLE: SceneOptions = { objects: [1, 1] };
/** Pictures in memory at a time. */
export const BATCH = 50;

export interface SceneNeurons extends DescribedNeurons {
  readonly seed: number;
  readonly effects: NeuronEffects;
  readonly statistics: NeuronStatistics;
}

export interface DescribeOptions {
  readonly layer: number;
  readonly seed: number;
  /** Scenes; default 1500. */
  readonly count?: number;
  /** Texts per neuron, of all descriptions of scenes; default 32. */
  readonly atoms?: number;
}

/** Throws what `NeuronEffects.of` throws. */
export async function describeOnScenes(
  clip: Clip,
  { layer, seed, count = 1500, atoms = 32 }: DescribeOptions,
): Promise<SceneNeurons> {
  const effects = await NeuronEffects.of(clip, layer);
  const random = seeded(seed, "neuron effects", "known");
  const scenes = Array.from({ length: count }, () => sampleScene(random, SINGLE));
  const statistics = await neuronStatistics(effects, () => sceneBatches(clip, scenes, BATCH), { batch: BATCH });
  const dictionary = textDictionary(await clip.encodeText(allDescriptions()));
  const { directions } = statistics;
  const words = await sparseText(directions, dictionary, { atoms });
  return { layer, seed, effects, statistics, directions, words };
}
