/** Edits as options of the command line: `--off L3.H1 --mean L2.mlp`. */
import type { Edits } from "./edits.js";
import { headName } from "./question.js";

export function editWords({ heads, layers, mlps, neurons }: Edits): string[] {
  const named = [
    ...heads.map(({ layer, head, to }) => ({ to, name: headName(layer, head) })),
    ...layers.map(({ layer, to }) => ({ to, name: `L${layer}.heads` })),
    ...mlps.map(({ layer, to }) => ({ to, name: `L${layer}.mlp` })),
    ...neurons.map(({ layer, neuron, to }) => ({ to, name: `L${layer}.N${neuron}` })),
  ];
  return named.flatMap(({ to, name }) => [`--${to}`, name]);
}
