/** What is changed inside a model, as data: heads, layers of attention, MLPs and neurons of the vision tower. */
import { UsageError } from "../../engine/errors.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { readLayers } from "../../models/clip/readout.js";

/** Off: it writes nothing. Mean: it writes, at every token, what it writes there on average over a set of pictures. */
export type Change = "off" | "mean";

export interface LayerChange {
  /** From 0. Where tokens are pooled by attention, the pool is layer 0. */
  readonly layer: number;
  readonly to: Change;
}

export interface HeadChange extends LayerChange {
  readonly head: number;
}

export interface NeuronChange extends LayerChange {
  /** Of the layer's MLP, from 0. */
  readonly neuron: number;
}

export interface Intervention {
  readonly heads: readonly HeadChange[];
  /** All heads of a layer; what is said of single heads counts more. Output biases belong to no head and stay. */
  readonly layers: readonly LayerChange[];
  readonly mlps: readonly LayerChange[];
  readonly neurons: readonly NeuronChange[];
}

/** Of the scenes that parts are held at their means over: one sample for all, so that an edited model is the same one everywhere. */
export const MEANS_SEED = 0;

export const NO_INTERVENTION: Intervention = { heads: [], layers: [], mlps: [], neurons: [] };

export const isIdle = ({ heads, layers, mlps, neurons }: Intervention): boolean =>
  heads.length + layers.length + mlps.length + neurons.length === 0;

/** Every head that is changed, with those of whole layers. */
export function changedHeads(clip: Clip, { heads, layers }: Intervention): HeadChange[] {
  const single = new Set(heads.map(placeKey));
  const ofLayers = layers.flatMap(({ layer, to }) =>
    Array.from({ length: clip.parts.vision.heads }, (_, head): HeadChange => ({ layer, head, to })),
  );
  return [...heads, ...ofLayers.filter((place) => !single.has(placeKey(place)))];
}

const placeKey = ({ layer, head }: HeadPlace): string => `${layer}.${head}`;

/** Throws {@link UsageError} for what the model has not, and for what is named twice. */
export function checkIntervention(clip: Clip, { heads, layers, mlps, neurons }: Intervention): void {
  if (heads.length > 0) checkHeads(clip, heads);
  const count = readLayers(clip.parts.vision);
  const { hidden } = clip.parts.vision;
  checkUnits(
    clip,
    "layer",
    layers,
    ({ layer }) => [layer, count],
    ({ layer }) => `L${layer}`,
  );
  checkUnits(
    clip,
    "MLP",
    mlps,
    ({ layer }) => [layer, count],
    ({ layer }) => `L${layer}.mlp`,
  );
  checkUnits(clip, "layer", neurons, ({ layer }) => [layer, count], neuronName);
  checkUnits(clip, "neuron", neurons, ({ neuron }) => [neuron, hidden], neuronName);
}

const neuronName = ({ layer, neuron }: NeuronChange): string => `L${layer}.N${neuron}`;

function checkUnits<T>(
  { parts }: Clip,
  kind: string,
  units: readonly T[],
  placeOf: (unit: T) => readonly [place: number, count: number],
  nameOf: (unit: T) => string,
): void {
  const seen = new Set<string>();
  for (const unit of units) {
    const [place, count] = placeOf(unit);
    const name = nameOf(unit);
    if (!(Number.isInteger(place) && place >= 0 && place < count)) {
      throw new UsageError({
        what: `no such ${kind}`,
        where: parts.ref,
        got: name,
        expected: `${kind}s from 0 to ${count - 1}`,
      });
    }
    if (seen.has(name)) {
      throw new UsageError({ what: "a change named twice", where: parts.ref, got: name, fix: "name it once" });
    }
    seen.add(name);
  }
}
