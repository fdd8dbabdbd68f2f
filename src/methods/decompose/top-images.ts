/** The pictures of a set in which heads go furthest along their directions, found in one pass over the set's rows. */
import { times } from "../../engine/tensor/products.js";
import { type HeadRowLayout, SCALARS } from "./head-rows.js";
import type { HeadSpan } from "./head-spans.js";
import { type HeadMoments, readInputs } from "./head-statistics.js";

export interface TopImage {
  /** Of the picture in its set. */
  readonly index: number;
  /** The contribution along the direction, less its mean over the set. */
  readonly value: number;
}

export class TopImages {
  readonly #layout: HeadRowLayout;
  readonly #heads: readonly HeadMoments[];
  readonly #count: number;
  /** Per head: its directions in its inputs [k,d+3], and the mean along each [k]. */
  readonly #along: readonly { readonly directions: Float64Array; readonly means: Float64Array }[];
  /** Per head and direction: the best so far, the largest first. */
  readonly #best: readonly (readonly TopImage[][])[];

  /** For each head the `directions` first directions of its span, `count` pictures each; `maps` as `headMaps` gives them. */
  constructor(
    layout: HeadRowLayout,
    heads: readonly HeadMoments[],
    maps: readonly Float64Array[],
    spans: readonly HeadSpan[],
    { directions, count }: { readonly directions: number; readonly count: number },
  ) {
    this.#layout = layout;
    this.#heads = heads;
    this.#count = count;
    const inputs = layout.headWidth + SCALARS;
    this.#along = heads.map(({ moments }, i) => {
      const chosen = Math.min(directions, spans[i]!.picks.length);
      const ofSpan = Float64Array.from(spans[i]!.directions.data.subarray(0, chosen * layout.features));
      const vectors = new Float64Array(chosen * inputs);
      for (let k = 0; k < chosen; k++) {
        const direction = ofSpan.subarray(k * layout.features, (k + 1) * layout.features);
        vectors.set(times(maps[i]!, direction, inputs, layout.features, 1), k * inputs);
      }
      return { directions: vectors, means: times(vectors, moments.mean(), chosen, inputs, 1) };
    });
    this.#best = this.#along.map(({ means }) => Array.from(means, () => []));
  }

  /** Rows [n,width] of pictures with these indices. */
  add(rows: Float32Array, indices: readonly number[]): void {
    const { width, headWidth } = this.#layout;
    const inputs = headWidth + SCALARS;
    const own = new Float32Array(inputs);
    for (const [row, index] of indices.entries()) {
      for (const [h, head] of this.#heads.entries()) {
        readInputs(rows, row * width, this.#layout, head, own, 0);
        const { directions, means } = this.#along[h]!;
        for (let k = 0; k < means.length; k++) {
          let value = -means[k]!;
          for (let i = 0; i < inputs; i++) value += directions[k * inputs + i]! * own[i]!;
          this.#insert(this.#best[h]![k]!, index, value);
        }
      }
    }
  }

  /** Per head, in the order given, and direction. */
  get best(): readonly (readonly (readonly TopImage[])[])[] {
    return this.#best;
  }

  #insert(best: TopImage[], index: number, value: number): void {
    if (best.length === this.#count && value <= best.at(-1)!.value) return;
    let place = best.length;
    while (place > 0 && best[place - 1]!.value < value) place--;
    best.splice(place, 0, { index, value });
    if (best.length > this.#count) best.pop();
  }
}
