/** Edits as one word of a link: `h1.2o_l3m_m0o_n2.17m`: head, layer, MLP, neuron; off or mean. */
import type { Change, Edits, HeadEdit, LayerEdit, NeuronEdit } from "./edits.js";
import { Damage } from "./permalink-pictures.js";

const LETTERS: Readonly<Record<Change, string>> = { off: "o", mean: "m" };
const PART = /^([hlmn])(\d{1,6})(?:\.(\d{1,6}))?([om])$/;

export function writeEdits({ heads, layers, mlps, neurons }: Edits): string {
  return [
    ...heads.map(({ layer, head, to }) => `h${layer}.${head}${LETTERS[to]}`),
    ...layers.map(({ layer, to }) => `l${layer}${LETTERS[to]}`),
    ...mlps.map(({ layer, to }) => `m${layer}${LETTERS[to]}`),
    ...neurons.map(({ layer, neuron, to }) => `n${layer}.${neuron}${LETTERS[to]}`),
  ].join("_");
}

/** Throws {@link Damage}. */
export function readEdits(text: string): Edits {
  const heads: HeadEdit[] = [];
  const layers: LayerEdit[] = [];
  const mlps: LayerEdit[] = [];
  const neurons: NeuronEdit[] = [];
  for (const part of text === "" ? [] : text.split("_")) {
    const [, kind, layerText, unitText, letter] = PART.exec(part) ?? [];
    const hasUnit = kind === "h" || kind === "n";
    if (kind === undefined || hasUnit !== (unitText !== undefined))
      throw new Damage("an edit of the model cannot be read");
    const layer = Number(layerText);
    const unit = Number(unitText);
    const to = letter === "o" ? "off" : "mean";
    if (kind === "h") heads.push({ layer, head: unit, to });
    else if (kind === "n") neurons.push({ layer, neuron: unit, to });
    else (kind === "l" ? layers : mlps).push({ layer, to });
  }
  return { heads, layers, mlps, neurons };
}
