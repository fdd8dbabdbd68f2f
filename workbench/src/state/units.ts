/** Heads and neurons by their numbers. */
import type { Selection } from "./selection.svelte.js";

export interface Unit {
  readonly layer: number;
  readonly head?: number;
  readonly neuron?: number;
}

/** "2.3", "L2.H3", "l2 h3", "head 2 3" are a head; "2.n120", "L2 N120", "neuron 2 120" a neuron; "L2" a layer. */
export function parseUnit(text: string): Unit | undefined {
  const said = text.trim().toLowerCase();
  const layer = /^l(?:ayer)?\s*(\d{1,4})$/.exec(said);
  if (layer) return { layer: Number(layer[1]) };
  const head =
    /^(?:head\s+)?l?(\d{1,4})\s*[.,\s]\s*(?:h\s*)?(\d{1,6})$/.exec(said) ?? /^l(\d{1,4})h(\d{1,6})$/.exec(said);
  if (head) return { layer: Number(head[1]), head: Number(head[2]) };
  const neuron = /^(?:neuron\s+l?(\d{1,4})\s*[.,\s]\s*n?|l?(\d{1,4})\s*[.,\s]?\s*n\s*)(\d{1,6})$/.exec(said);
  if (neuron) return { layer: Number(neuron[1] ?? neuron[2]), neuron: Number(neuron[3]) };
  return undefined;
}

/** Why the model has no such unit; undefined when it has. */
export function whyNot({ info }: Selection, { layer, head, neuron }: Unit): string | undefined {
  if (info === undefined) return "the model is not open yet";
  if (layer >= info.layers) return `${info.ref} has layers 0 to ${info.layers - 1}`;
  if (head !== undefined && head >= info.heads) return `${info.ref} has heads 0 to ${info.heads - 1} in a layer`;
  if (neuron !== undefined && neuron >= info.neurons)
    return `${info.ref} has neurons 0 to ${info.neurons - 1} in a layer`;
  return undefined;
}

export function goTo(selection: Selection, { layer, head, neuron }: Unit): void {
  selection.layer = layer;
  if (head !== undefined) selection.head = head;
  if (neuron !== undefined) selection.neuron = neuron;
}

/** The head `step` further, over the ends of layers. */
export function stepHead(selection: Selection, step: number): void {
  const { info } = selection;
  if (info === undefined) return;
  const at = selection.layer * info.heads + selection.head + step;
  if (at < 0 || at >= info.layers * info.heads) return;
  selection.layer = Math.floor(at / info.heads);
  selection.head = at % info.heads;
}

export function stepLayer(selection: Selection, step: number): void {
  const { info } = selection;
  if (info === undefined) return;
  selection.layer = Math.min(Math.max(selection.layer + step, 0), info.layers - 1);
}

/** Contrasts with the text after the one contrasted with; after the last, with none. */
export function contrastWithNext(selection: Selection): void {
  const others = selection.texts.filter((text) => text !== selection.text);
  const at = selection.against === undefined ? -1 : others.indexOf(selection.against);
  selection.contrastWith(others[at + 1]);
}
