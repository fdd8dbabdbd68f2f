/** Changed parts by name, as people write them. */
import { UsageError } from "../../engine/errors.js";
import type { Change, Intervention } from "./intervention.js";

const GRAMMAR = "L3.H1 (a head), L3.heads (all heads of a layer), L3.mlp (an MLP), L3.N120 (a neuron)";
const NAME = /^L(\d{1,4})\.(?:H(\d{1,4})|N(\d{1,6})|(heads|mlp))$/i;

/** Names of parts and what becomes of them, as an intervention. Throws {@link UsageError} for a name that means nothing. */
export function interventionOf(named: readonly { readonly name: string; readonly to: Change }[]): Intervention {
  const found: { readonly [List in keyof Intervention]: Intervention[List][number][] } = {
    heads: [],
    layers: [],
    mlps: [],
    neurons: [],
  };
  for (const { name, to } of named) {
    const [, layerText, head, neuron, part] = NAME.exec(name.trim()) ?? [];
    if (layerText === undefined)
      throw new UsageError({ what: "no part of a model", got: `"${name}"`, expected: GRAMMAR });
    const layer = Number(layerText);
    if (head !== undefined) found.heads.push({ layer, head: Number(head), to });
    else if (neuron !== undefined) found.neurons.push({ layer, neuron: Number(neuron), to });
    else (part!.toLowerCase() === "mlp" ? found.mlps : found.layers).push({ layer, to });
  }
  return found;
}
