/** What tokens that were read leave for those that come: keys and values of all blocks, in places that never move. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
import type { KeyValues } from "./block.js";
import type { LanguageConfig } from "./config.js";
import { UNSEEN } from "./graph.js";

export class KeyValueCache {
  readonly batch: number;
  readonly places: number;
  /** By block: [B,K,T,d], zeros where nothing is yet. */
  readonly blocks: readonly KeyValues<FloatTensor>[];
  /** [T], to add to scores: hides places where nothing is yet. */
  readonly mask: FloatTensor;
  #length = 0;

  /** With room for `places` tokens of each of `batch` sequences. */
  constructor({ layers, keyHeads, headWidth }: LanguageConfig, batch: number, places: number) {
    this.batch = batch;
    this.places = places;
    const empty = (): FloatTensor =>
      floatTensor(new Float32Array(batch * keyHeads * places * headWidth), [batch, keyHeads, places, headWidth]);
    this.blocks = Array.from({ length: layers }, () => ({ k: empty(), v: empty() }));
    this.mask = floatTensor(new Float32Array(places).fill(UNSEEN), [places]);
  }

  /** Tokens that are there. */
  get length(): number {
    return this.#length;
  }

  /** Appends tokens: by block [B,K,N,d], or [1,K,N,d] for all sequences alike. */
  append(tokens: readonly KeyValues<FloatTensor>[]): void {
    const count = tokens[0]!.k.shape[2]!;
    for (const [i, { k, v }] of tokens.entries()) {
      this.#write(this.blocks[i]!.k, k);
      this.#write(this.blocks[i]!.v, v);
    }
    this.mask.data.fill(0, this.#length, this.#length + count);
    this.#length += count;
  }

  /** Sequence i goes on from where sequence `from[i]` is. */
  reorder(from: readonly number[]): void {
    if (from.every((source, i) => source === i)) return;
    for (const { k, v } of this.blocks) for (const { data } of [k, v]) reorderRows(data, from);
  }

  #write({ data, shape }: FloatTensor, { data: from, shape: given }: FloatTensor): void {
    const [batch, heads, places, width] = shape as [number, number, number, number];
    const count = given[2]!;
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        const source = ((given[0] === 1 ? 0 : b) * heads + h) * count * width;
        data.set(from.subarray(source, source + count * width), ((b * heads + h) * places + this.#length) * width);
      }
    }
  }
}

function reorderRows(data: Float32Array, from: readonly number[]): void {
  const stride = data.length / from.length;
  const before = data.slice();
  for (const [i, source] of from.entries())
    data.set(before.subarray(source * stride, (source + 1) * stride), i * stride);
}
