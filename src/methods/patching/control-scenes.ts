/** Scenes that stand for any picture, where cells of a third one are put in for comparison. */
import { seeded } from "../../engine/train/seeds.js";
import { sampleScene, type Scene } from "../../worlds/scenes/index.js";

export const CONTROL_SCENES: readonly number[] = [0, 1, 2, 3];

/** By number, of a seed. They have nothing to do with its pairs. */
export const controlScene = (seed: number, index: number): Scene => sampleScene(seeded(seed, "control", index));
