/**
 * Runs a model on one picture with chosen cells of a site taken from its run on another.
 *
 * @file Row 0 of every run is the picture that cells are taken from, the others are copies of the picture that they are put
 * into, and a mask given as input says which cells of which row. So one program serves all cells, and what is put in is, to
 * the bit, what the same program computes for the other picture.
 */
import { UsageError } from "../../engine/errors.js";
import { where } from "../../engine/graph/ops/compare.js";
import { input } from "../../engine/graph/ops/leaves.js";
import { reshape, slice } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import type { Shape } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { type Cell, type PatchPlan, patchPlan, type PatchSiteOptions } from "./plan.js";

/** The pictures of one patching run, pixels [1,3,S,S] each. */
export interface PatchPair {
  /** Cells are taken from here … */
  readonly source: FloatTensor;
  /** … and put in here. */
  readonly target: FloatTensor;
}

/** Features [·,D], not normalised. */
export interface PatchedFeatures {
  /** [1,D] of the source, and of the target with nothing put in. */
  readonly source: FloatTensor;
  readonly target: FloatTensor;
  /** [K,D] of the target with each of the K sets of cells put in. */
  readonly patched: FloatTensor;
}

/** Rows of the model per run, the source's among them. */
const LARGEST_BATCH = 16;

/** A model made ready for patching. Holds native memory once used: dispose of it, or declare it with `await using`. */
export class Patcher implements AsyncDisposable {
  readonly plan: PatchPlan;
  readonly #edited: Clip;

  /** Throws what {@link patchPlan} throws. */
  constructor(clip: Clip, options: PatchSiteOptions = {}) {
    this.plan = patchPlan(clip, options);
    const { selector, sites } = this.plan;
    this.#edited = clip.edit({ [selector]: (value, name) => this.#patched(value, sites.indexOf(name)) });
  }

  /**
   * The target once more for each set of cells, which are taken from the source in that copy. An empty set changes nothing.
   * `batch`: rows of the model per run, at least 2; default 16. Throws `PixelShapeError`, {@link UsageError}.
   */
  async features(
    { source, target }: PatchPair,
    sets: readonly (readonly Cell[])[],
    { batch = LARGEST_BATCH, onProgress }: PatchRunOptions = {},
  ): Promise<PatchedFeatures> {
    this.#check({ source, target }, batch);
    // The target as it is comes first. Runs are made about equally large, so that none is mostly padding.
    const all = [[], ...sets];
    const runs = Math.ceil(all.length / (batch - 1));
    const copies = Math.ceil(all.length / runs);
    const pixels = pairRows(source, target, copies);
    const width = this.#edited.parts.vision.features;
    const features = new Float32Array(all.length * width);
    let sourceFeatures: Float32Array | undefined;
    for (let start = 0; start < all.length; start += copies) {
      const chosen = all.slice(start, start + copies);
      const rows = await this.#run(pixels, chosen, copies + 1);
      sourceFeatures ??= rows.slice(0, width);
      features.set(rows.subarray(width, (1 + chosen.length) * width), start * width);
      onProgress?.(Math.min(all.length, start + copies) - 1);
    }
    return {
      source: floatTensor(sourceFeatures!, [1, width]),
      target: floatTensor(features.subarray(0, width), [1, width]),
      patched: floatTensor(features.subarray(width), [sets.length, width]),
    };
  }

  dispose(): Promise<void> {
    return this.#edited.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /** Features [batch·D] of the source and the copies, of which those without a set stay as they are. */
  async #run(pixels: FloatTensor, sets: readonly (readonly Cell[])[], batch: number): Promise<Float32Array> {
    const rows = { pixels, patched: this.#mask(sets, batch) };
    const { features } = await this.#edited.vision.run("patch", rows, ({ features }) => ({ features }), { batch });
    return features.data;
  }

  /** The value of one site: where the mask says so, that of row 0. */
  #patched(value: Value, site: number): Value {
    const mask = slice(input("patched", this.#maskShape(value.shape[0]!), "bool"), 1, site, site + 1);
    const [batch, , heads, tokens] = mask.shape as [number, number, number, number];
    const shapes: readonly Shape[] = [
      [batch, 1],
      [batch, tokens, 1],
      [batch, heads, tokens, 1],
    ];
    return where(reshape(mask, shapes[value.shape.length - 2]!), slice(value, 0, 0, 1), value);
  }

  #maskShape(batch: number): [batch: number, sites: number, heads: number, tokens: number] {
    const { grid, rows, size } = this.plan;
    return [batch, grid[0], grid[1], rows === "class" ? size.tokens : grid[2]];
  }

  /** Bool [batch,S,H,N]: row 0 is the source's and takes nothing. */
  #mask(sets: readonly (readonly Cell[])[], batch: number): Tensor<"bool"> {
    const shape = this.#maskShape(batch);
    const [, sites, heads, tokens] = shape;
    const data = new Uint8Array(batch * sites * heads * tokens);
    for (const [row, cells] of sets.entries()) {
      for (const { site, head = 0, token = 0 } of cells) {
        data[(((row + 1) * sites + site) * heads + head) * tokens + token] = 1;
      }
    }
    return { dtype: "bool", shape, data };
  }

  #check({ source, target }: PatchPair, batch: number): void {
    for (const pixels of [source, target]) {
      this.#edited.checkPixels(pixels);
      if (pixels.shape[0] === 1) continue;
      throw new UsageError({ what: "patching is between single pictures", got: `${pixels.shape[0]!} pictures` });
    }
    if (Number.isInteger(batch) && batch >= 2) return;
    throw new UsageError({ what: "unusable batch size", got: String(batch), expected: "a whole number from 2" });
  }
}

export interface PatchRunOptions {
  readonly batch?: number;
  /** Told how many sets are done. */
  readonly onProgress?: (done: number) => void;
}

/** The source, then `copies` copies of the target. */
function pairRows(source: FloatTensor, target: FloatTensor, copies: number): FloatTensor {
  const size = source.data.length;
  const data = new Float32Array((copies + 1) * size);
  data.set(source.data);
  for (let copy = 1; copy <= copies; copy++) data.set(target.data, copy * size);
  return floatTensor(data, [copies + 1, ...source.shape.slice(1)]);
}
