/** Cells of the switchboard, [L,H+1] with each layer's MLP last, and edits. */
import { type Change, type Edits, withHead, withLayer } from "../../state/edits.js";

/** What is changed, by cell; heads of a layer that is changed as a whole are changed with it. */
export function changesOf(edits: Edits, layers: number, heads: number): Map<number, Change> {
  const changes = new Map<number, Change>();
  const at = (layer: number, column: number): number => layer * (heads + 1) + column;
  for (const { layer, to } of edits.layers)
    if (layer < layers) for (let head = 0; head < heads; head++) changes.set(at(layer, head), to);
  for (const { layer, head, to } of edits.heads) changes.set(at(layer, head), to);
  for (const { layer, to } of edits.mlps) changes.set(at(layer, heads), to);
  return changes;
}

/** With the cell set to `to`, or restored where it was that already. A layer changed as a whole is first said head by head. */
export function switched(edits: Edits, cell: number, heads: number, to: Change): Edits {
  const [layer, column] = [Math.floor(cell / (heads + 1)), cell % (heads + 1)];
  if (column === heads) {
    const own = edits.mlps.find((edit) => edit.layer === layer);
    return withLayer(edits, "mlps", layer, own?.to === to ? undefined : to);
  }
  const whole = edits.layers.find((edit) => edit.layer === layer);
  const own = edits.heads.find((edit) => edit.layer === layer && edit.head === column);
  const next = (own ?? whole)?.to === to ? undefined : to;
  if (whole === undefined) return withHead(edits, layer, column, next);
  let spelt = withLayer(edits, "layers", layer, undefined);
  for (let head = 0; head < heads; head++) {
    const single = edits.heads.find((edit) => edit.layer === layer && edit.head === head);
    spelt = withHead(spelt, layer, head, head === column ? next : (single ?? whole).to);
  }
  return spelt;
}
