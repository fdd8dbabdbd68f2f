/** What a set of pictures is to each head: moments of its coordinates, with memory that does not grow with the set. */
import { Moments } from "../../engine/tensor/moments.js";
import type { HeadRows } from "./head-space.js";
import { type HeadCell, headCells, type HeadRowLayout, SCALARS, scalarsStart } from "./head-rows.js";

/** A head's moments over its d coordinates and the three scalars. */
export interface HeadMoments extends HeadCell {
  readonly moments: Moments;
}

export class HeadStatistics {
  readonly heads: readonly HeadMoments[];
  readonly #layout: HeadRowLayout;
  #count = 0;

  constructor(layout: HeadRowLayout) {
    this.#layout = layout;
    this.heads = headCells(layout).map((cell) => ({ ...cell, moments: new Moments(layout.headWidth + SCALARS) }));
  }

  /** Pictures added. */
  get count(): number {
    return this.#count;
  }

  /** Pictures as `decompose` gives them. */
  addDecomposed({ head_coordinates: { data, shape }, head_scalars }: HeadRows): void {
    const [count, layers, heads, headWidth] = shape as [number, number, number, number];
    const inputs = headWidth + SCALARS;
    const own = new Float32Array(count * inputs);
    for (const { layer, head, moments } of this.heads) {
      for (let row = 0; row < count; row++) {
        const from = ((row * layers + layer) * heads + head) * headWidth;
        own.set(data.subarray(from, from + headWidth), row * inputs);
        own.set(head_scalars.data.subarray(row * SCALARS, (row + 1) * SCALARS), row * inputs + headWidth);
      }
      moments.add(own);
    }
    this.#count += count;
  }

  /** Rows [n,width] as `headRows` gives them, one after another. */
  add(rows: Float32Array): void {
    const { width, headWidth } = this.#layout;
    const count = rows.length / width;
    const inputs = headWidth + SCALARS;
    const own = new Float32Array(count * inputs);
    for (const head of this.heads) {
      for (let row = 0; row < count; row++) readInputs(rows, row * width, this.#layout, head, own, row * inputs);
      head.moments.add(own);
    }
    this.#count += count;
  }
}

/** Copies what determines one head's contribution, d coordinates and the scalars, from the row at `from` to `out` at `to`. */
export function readInputs(
  rows: Float32Array,
  from: number,
  layout: HeadRowLayout,
  { start }: HeadCell,
  out: Float32Array,
  to: number,
): void {
  const { headWidth } = layout;
  for (let i = 0; i < headWidth; i++) out[to + i] = rows[from + start + i]!;
  const scalars = from + scalarsStart(layout);
  for (let i = 0; i < SCALARS; i++) out[to + headWidth + i] = rows[scalars + i]!;
}
