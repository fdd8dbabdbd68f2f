/** What the room's statistics are taken over. */
import type { ModelInfo } from "../../state/backend-types.js";

/** Scenes: enough that a neuron's strongest ten are 2.5 % of them, few enough to be read in seconds. */
export const SCENES = 400;

/** Texts that a neuron is put into, at most. */
export const ATOMS = 16;

/** The chosen layer, or the last one that heads follow. */
export const usableLayer = (info: ModelInfo | undefined, layer: number): number =>
  info === undefined ? layer : Math.max(0, Math.min(layer, info.layers - 2));
