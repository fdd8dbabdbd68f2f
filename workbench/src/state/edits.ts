/** What is changed in the model, as data. */
import type { JobParams } from "vitrine/jobs";

export type Edits = NonNullable<JobParams<"decompose">["edits"]>;
export type LayerEdit = Edits["layers"][number];
export type HeadEdit = Edits["heads"][number];
export type NeuronEdit = Edits["neurons"][number];
/** Off: it writes nothing. Mean: it writes what it writes on average. */
export type Change = LayerEdit["to"];

export const NO_EDITS: Edits = { heads: [], layers: [], mlps: [], neurons: [] };

export function countEdits({ heads, layers, mlps, neurons }: Edits): number {
  return heads.length + layers.length + mlps.length + neurons.length;
}

/** To be spread into a job's parameters: nothing for a model that is not edited. */
export function askedEdits(edits: Edits): { edits?: Edits } {
  return countEdits(edits) === 0 ? {} : { edits };
}

/** "2 heads, 1 MLP" */
export function describeEdits({ heads, layers, mlps, neurons }: Edits): string {
  const parts: readonly (readonly [number, string])[] = [
    [heads.length, "head"],
    [layers.length, "attention layer"],
    [mlps.length, "MLP"],
    [neurons.length, "neuron"],
  ];
  return parts
    .filter(([count]) => count > 0)
    .map(([count, name]) => `${count} ${name}${count === 1 ? "" : "s"}`)
    .join(", ");
}

/** With the unit changed to `to`, or as it was when that is undefined. */
export function withHead(edits: Edits, layer: number, head: number, to: Change | undefined): Edits {
  const others = edits.heads.filter((edit) => edit.layer !== layer || edit.head !== head);
  return { ...edits, heads: to === undefined ? others : [...others, { layer, head, to }] };
}

export function withNeuron(edits: Edits, layer: number, neuron: number, to: Change | undefined): Edits {
  const others = edits.neurons.filter((edit) => edit.layer !== layer || edit.neuron !== neuron);
  return { ...edits, neurons: to === undefined ? others : [...others, { layer, neuron, to }] };
}

export function withLayer(edits: Edits, part: "layers" | "mlps", layer: number, to: Change | undefined): Edits {
  const others = edits[part].filter((edit) => edit.layer !== layer);
  return { ...edits, [part]: to === undefined ? others : [...others, { layer, to }] };
}
