import { UsageError } from "../../engine/errors.js";
import type { Clip } from "../../models/clip/clip.js";
import { requireClassToken } from "../../models/clip/readout.js";

/** Throws {@link UsageError} for a layer that the vision tower has not, `MissingPartError` where its neurons are not followed. */
export function checkLayer(clip: Clip, layer: number): void {
  const { parts } = clip;
  requireClassToken(clip);
  checkNumber("no such layer", parts.ref, layer, parts.vision.layers);
}

/** Throws {@link UsageError} for a neuron that the layers of the vision tower have not. */
export function checkNeuron({ parts }: Clip, neuron: number): void {
  checkNumber("no such neuron", parts.ref, neuron, parts.vision.hidden);
}

function checkNumber(what: string, where: string, value: number, count: number): void {
  if (Number.isInteger(value) && value >= 0 && value < count) return;
  throw new UsageError({ what, where, got: String(value), expected: `a whole number from 0 to ${count - 1}` });
}
