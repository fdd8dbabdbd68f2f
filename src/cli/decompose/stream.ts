/** Decomposes any number of pictures with memory for two batches. */
import { normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { largestRemainder } from "../../methods/decompose/attribution.js";
import { decompose, type Decomposition, expandHeads } from "../../methods/decompose/decompose.js";
import { findingsOf, type PictureFindings } from "../../methods/decompose/report/findings.js";
import type { Clip } from "../../models/clip/clip.js";
import { batchesOf, type PixelSource } from "./sources.js";

export interface StreamOptions {
  /** Unit directions [T,D] of the texts; "own": those of each picture's own features. */
  readonly directions: FloatTensor | "own" | undefined;
  /** Whether `token_contributions` are wanted. */
  readonly tokens: boolean;
  /** Pictures per run. */
  readonly batch: number;
}

/** What is known of pictures `start` and following. */
export interface DecomposedBatch {
  readonly start: number;
  readonly pixels: FloatTensor;
  readonly decomposition: Decomposition;
  /** [T,D], or [b,1,D] of each picture's own; absent without texts. */
  readonly directions: FloatTensor | undefined;
  /** [b,L,H,D] */
  readonly headContributions: FloatTensor;
  readonly findings: readonly PictureFindings[];
  readonly remainder: number;
}

/** Throws what the source's `read` and `decompose` throw. */
export async function* decomposeAll(
  clip: Clip,
  source: PixelSource,
  { directions, tokens, batch }: StreamOptions,
): AsyncGenerator<DecomposedBatch> {
  const size = Math.min(batch, source.names.length);
  const options = { tokens, batch: size, ...(directions === undefined ? {} : { texts: directions }) };
  for await (const { start, pixels } of batchesOf(source, size)) {
    const count = pixels.shape[0]!;
    // A last, partial batch is filled up: a program of another size would have to be compiled for it.
    const full = await decompose(clip, repeatLast(pixels, size), options);
    const decomposition = Object.fromEntries(
      Object.entries(full as unknown as Record<string, FloatTensor>).map(([name, x]) => [name, firstRows(x, count)]),
    ) as unknown as Decomposition;
    const headContributions = firstRows(await expandHeads(clip, full), count);
    const used = directions === "own" ? ownDirections(decomposition) : directions;
    yield {
      start,
      pixels,
      decomposition,
      directions: used,
      headContributions,
      findings: findingsOf(clip, decomposition, headContributions, used),
      remainder: largestRemainder(headContributions, decomposition),
    };
  }
}

function ownDirections({ image_features: features }: Decomposition): FloatTensor {
  const [count, width] = features.shape as [number, number];
  return floatTensor(normaliseRows(features).data, [count, 1, width]);
}

function repeatLast(x: FloatTensor, rows: number): FloatTensor {
  const count = x.shape[0]!;
  if (count === rows) return x;
  const stride = x.data.length / count;
  const data = new Float32Array(rows * stride);
  data.set(x.data);
  for (let row = count; row < rows; row++) data.copyWithin(row * stride, (count - 1) * stride, count * stride);
  return floatTensor(data, [rows, ...x.shape.slice(1)]);
}

function firstRows(x: FloatTensor, count: number): FloatTensor {
  const stride = x.data.length / x.shape[0]!;
  return floatTensor(x.data.subarray(0, count * stride), [count, ...x.shape.slice(1)]);
}
