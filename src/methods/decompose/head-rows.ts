/**
 * One row of numbers per picture, from which all that chosen heads contributed follows: what an index over a set of pictures keeps.
 *
 * @file A row is `[K,H,d]` head coordinates z/(σ n) of K layers, the three scalars 1/(σ n), μ/(σ n), 1/n, and the normalised
 * features [D]. Of the last 4 layers of a ViT-L/14 that is 19.5 KB; what all other parts wrote is the rest of the features.
 */
import { UsageError } from "../../engine/errors.js";
import { mul } from "../../engine/graph/ops/arithmetic.js";
import { concat, reshape } from "../../engine/graph/ops/shaping.js";
import type { Value } from "../../engine/graph/value.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { frozenScalars, packScalars, type VisionGraph } from "../../models/clip/final-norm.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { readLayers, readout } from "../../models/clip/readout.js";
import { collectLayers } from "./collect.js";
import { headCoordinates } from "./coordinates.js";
import { expandHeads } from "./decompose.js";
import { checkEdits } from "./edits.js";

/** Scalars per picture. */
export const SCALARS = 3;

/** What stands where in a row. */
export interface HeadRowLayout {
  /** Ascending. */
  readonly layers: readonly number[];
  /** Per layer. */
  readonly heads: number;
  /** d */
  readonly headWidth: number;
  /** D */
  readonly features: number;
  /** Numbers in a row. */
  readonly width: number;
}

/** A head, by where it stands in the model and in a row. */
export interface HeadCell extends HeadPlace {
  /** Of its coordinates' first number. */
  readonly start: number;
}

/** The last `count` layers; all layers if there are fewer. Throws `UsageError` unless `count` is a whole number from 1. */
export function lastLayers(clip: Clip, count: number): number[] {
  const layers = readLayers(clip.parts.vision);
  if (!Number.isInteger(count) || count < 1) {
    throw new UsageError({ what: "no such number of layers", got: String(count), expected: "a whole number from 1" });
  }
  return Array.from({ length: Math.min(count, layers) }, (_, i) => Math.max(0, layers - count) + i);
}

export function headRowLayout(clip: Clip, layers: readonly number[]): HeadRowLayout {
  const { heads, width, features } = clip.parts.vision;
  const headWidth = width / heads;
  return { layers, heads, headWidth, features, width: layers.length * heads * headWidth + SCALARS + features };
}

/** In the order of their coordinates. */
export function headCells({ layers, heads, headWidth }: HeadRowLayout): HeadCell[] {
  return layers.flatMap((layer, i) =>
    Array.from({ length: heads }, (_, head) => ({ layer, head, start: (i * heads + head) * headWidth })),
  );
}

/** Where a row's scalars start, which the features follow. */
export function scalarsStart({ layers, heads, headWidth }: HeadRowLayout): number {
  return layers.length * heads * headWidth;
}

/**
 * Rows [B,width] of pixels [B,3,S,S], at the cost of encoding them. Throws `PixelShapeError`, and `UnattributableEditError` for
 * edits that no head answers for.
 */
export async function headRows(
  clip: Clip,
  pixels: FloatTensor,
  layout: HeadRowLayout,
  { batch }: { readonly batch?: number } = {},
): Promise<FloatTensor> {
  clip.checkPixels(pixels);
  const extend = (graph: VisionGraph): { rows: Value } => {
    checkEdits(graph, false);
    const { layers } = readout(graph);
    const { z } = collectLayers({ z: layout.layers.map((layer) => layers[layer]!.z) });
    const scalars = frozenScalars(graph);
    const coordinates = headCoordinates(z, scalars);
    const flat = reshape(coordinates, [z.shape[0]!, sizeOf(z.shape.slice(1))]);
    return { rows: concat([flat, packScalars(scalars), mul(graph.features, scalars.norm)], 1) };
  };
  const options = batch === undefined ? {} : { batch };
  const { rows } = await clip.vision.run(`head-rows:${layout.layers.join(",")}`, { pixels }, extend, options);
  return rows;
}

/** What rows [B,width] hold: the coordinates of the layout's layers, the scalars and the features [B,D], of length 1. */
export interface HeadRowParts {
  /** [B,K,H,d] */
  readonly head_coordinates: FloatTensor;
  /** [B,3] */
  readonly head_scalars: FloatTensor;
  readonly layers: readonly number[];
  readonly features: FloatTensor;
}

export function headRowParts(rows: Float32Array, layout: HeadRowLayout): HeadRowParts {
  const count = rows.length / layout.width;
  const part = (start: number, shape: readonly number[]): FloatTensor => {
    const size = sizeOf(shape);
    const data = new Float32Array(count * size);
    for (let row = 0; row < count; row++) {
      const from = row * layout.width + start;
      data.set(rows.subarray(from, from + size), row * size);
    }
    return floatTensor(data, [count, ...shape]);
  };
  const start = scalarsStart(layout);
  return {
    head_coordinates: part(0, [layout.layers.length, layout.heads, layout.headWidth]),
    head_scalars: part(start, [SCALARS]),
    layers: layout.layers,
    features: part(start + SCALARS, [layout.features]),
  };
}

/** What each coordinate and each scalar contributes by itself, [d+3,K,H,D] of K layers; it depends on weights alone. */
async function unitContributions(clip: Clip, layers: readonly number[]): Promise<FloatTensor> {
  const { heads, width } = clip.parts.vision;
  const cells = layers.length * heads;
  const headWidth = width / heads;
  const inputs = headWidth + SCALARS;
  const coordinates = new Float32Array(inputs * cells * headWidth);
  const scalars = new Float32Array(inputs * SCALARS);
  for (let i = 0; i < headWidth; i++) {
    for (let cell = 0; cell < cells; cell++) coordinates[(i * cells + cell) * headWidth + i] = 1;
  }
  for (let i = 0; i < SCALARS; i++) scalars[(headWidth + i) * SCALARS + i] = 1;
  const stored = {
    head_coordinates: floatTensor(coordinates, [inputs, layers.length, heads, headWidth]),
    head_scalars: floatTensor(scalars, [inputs, SCALARS]),
  };
  return expandHeads(clip, stored, { layers, batch: inputs });
}

/** The maps [d+3,D] from each head's coordinates and the scalars to its contribution, in the order of {@link headCells}. */
export async function headMaps(clip: Clip, layout: HeadRowLayout): Promise<Float64Array[]> {
  const { data, shape } = await unitContributions(clip, layout.layers);
  const [inputs, , , features] = shape as [number, number, number, number];
  const cells = headCells(layout);
  return cells.map((_, cell) => {
    const map = new Float64Array(inputs * features);
    for (let i = 0; i < inputs; i++) {
      const start = (i * cells.length + cell) * features;
      map.set(data.subarray(start, start + features), i * features);
    }
    return map;
  });
}
