/**
 * From heat of patches to a map of pixels and its foreground. Needs no model: a page does it while a threshold is dragged.
 * L layers, H heads, T texts, P patches, g patches and S pixels on a side.
 */
import { upsample } from "../../engine/media/upsample.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";

/** How a picture is cut into patches. */
export interface PatchLayout {
  /** Patches on each side. */
  readonly grid: number;
  /** Pixels on each side of a patch, and of the picture. */
  readonly patchSize: number;
  readonly imageSize: number;
}

export interface Segmentation {
  /** [S,S], from 0 to 1, where the least and the most of the picture are; all 0 where the heat is the same everywhere. */
  readonly map: Float32Array;
  /** What the map exceeds in the foreground. */
  readonly threshold: number;
  /** [S,S]: 1 where the map exceeds the threshold, else 0. */
  readonly foreground: Uint8Array;
}

/**
 * Heat of patches [g,g] as a map of pixels: bilinear between the patches' centres, negative values as 0, scaled to 0 to 1 for
 * this picture alone (the reference does so over a batch, and must be given one picture at a time). The threshold is the map's
 * mean, as published, unless another is given.
 */
export function segmentation(heat: Float32Array, layout: PatchLayout, threshold?: number): Segmentation {
  const clipped = atPixels(heat, layout).map((value) => Math.max(0, value));
  const low = clipped.reduce((a, b) => Math.min(a, b), Infinity);
  const high = clipped.reduce((a, b) => Math.max(a, b), -Infinity);
  // The same value everywhere gives 0/0, and a value that is not a number spreads: both count as nothing found.
  const map = clipped.map((value) => (value - low) / (high - low) || 0);
  const over = threshold ?? map.reduce((a, b) => a + b, 0) / map.length;
  return { map, threshold: over, foreground: Uint8Array.from(map, (value) => Number(value > over)) };
}

/** Values of patches at every pixel. Pixels at the right and the bottom that no whole patch covers take what is beside them. */
function atPixels(heat: Float32Array, { grid, patchSize, imageSize }: PatchLayout): Float32Array {
  const covered = grid * patchSize;
  const fine = upsample(heat, { height: grid, width: grid }, { height: covered, width: covered }, "bilinear");
  if (covered === imageSize) return fine;
  const inside = (at: number): number => Math.min(at, covered - 1);
  return Float32Array.from({ length: imageSize * imageSize }, (_, i) => {
    return fine[inside(Math.floor(i / imageSize)) * covered + inside(i % imageSize)]!;
  });
}

/**
 * Heat [P] of one text over some heads (numbered layer by layer), or over all, of heat [T,L,H,P] of each head by itself, as
 * `headHeat` gives it for a picture.
 */
export function heatOver({ data, shape }: FloatTensor, text: number, heads?: readonly number[]): Float32Array {
  const [, layers, perLayer, patches] = shape as [number, number, number, number];
  const cells = heads ?? Array.from({ length: layers * perLayer }, (_, cell) => cell);
  const sums = new Float64Array(patches);
  for (const cell of cells) {
    const start = (text * layers * perLayer + cell) * patches;
    for (let patch = 0; patch < patches; patch++) sums[patch]! += data[start + patch]!;
  }
  return Float32Array.from(sums);
}

/** What the patches of each head add up to for one text, [L·H], of heat [T,L,H,P]. */
export function headSums({ data, shape }: FloatTensor, text: number): Float32Array {
  const [, layers, perLayer, patches] = shape as [number, number, number, number];
  return Float32Array.from({ length: layers * perLayer }, (_, cell) => {
    const start = (text * layers * perLayer + cell) * patches;
    return data.subarray(start, start + patches).reduce((a, b) => a + b, 0);
  });
}
