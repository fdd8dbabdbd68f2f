/** Gathers values of every layer in the order in which the model makes them. */
import { concat, reshape, slice } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";

type LayerLists = Readonly<Record<string, readonly Value[] | undefined>>;
type Collected<Lists extends LayerLists> = {
  readonly [Name in keyof Lists]: Lists[Name] extends readonly Value[] ? Value : Value | undefined;
};

/**
 * Stacks values of L layers: from lists of L values [B,…] to one value [B,L,…] each. Undefined lists are passed over.
 *
 * All go through a single concatenation, layer by layer. A program runs a node's inputs from left to right, so what a layer
 * contributes is computed and copied before the next layer runs, and the layer's own tensors, many times larger, are free
 * again. Gathered one list after the other, they would all be held until the end.
 */
export function collectLayers<Lists extends LayerLists>(lists: Lists): Collected<Lists> {
  const entries = Object.entries(lists).filter((entry): entry is [string, readonly Value[]] => entry[1] !== undefined);
  const [first] = entries[0]![1] as [Value];
  const batch = first.shape[0]!;
  const layers = entries[0]![1].length;
  const flat = (value: Value): Value => reshape(value, [batch, sizeOf(value.shape) / batch]);
  const pieces = Array.from({ length: layers }, (_, layer) => entries.map(([, values]) => flat(values[layer]!))).flat();
  const width = pieces.reduce((sum, piece) => sum + piece.shape[1]!, 0) / layers;
  const stacked = reshape(concat(pieces, 1), [batch, layers, width]);

  let start = 0;
  const results = entries.map(([name, [value]]) => {
    const size = sizeOf(value!.shape) / batch;
    const part = slice(stacked, 2, start, start + size);
    start += size;
    return [name, reshape(part, [batch, layers, ...value!.shape.slice(1)])];
  });
  return Object.fromEntries(results) as Collected<Lists>;
}
