/** TextSpan of every head over any number of pictures, of which nothing but moments is kept. */
import { UsageError } from "../../engine/errors.js";
import { Moments } from "../../engine/tensor/moments.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { expandHeads } from "./decompose.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import type { HeadRows } from "./head-space.js";
import { type TextSpan, textSpan, type TextSpanOptions } from "./text-span.js";

export interface HeadSpan extends HeadPlace, TextSpan {}

export interface HeadSpansOptions extends TextSpanOptions {
  /** Only heads of so many last layers; by default 4, which carry what the picture shows. */
  readonly lastLayers?: number;
}

/**
 * Picks texts of the pool [M,D] (unit rows) for each head of the last layers, layer by layer, from stored decompositions of
 * pictures, batch by batch. Throws `UsageError` for a number of layers that the model has not, and what `textSpan` throws.
 */
export async function headSpans(
  clip: Clip,
  batches: AsyncIterable<HeadRows> | Iterable<HeadRows>,
  pool: FloatTensor,
  { lastLayers, ...options }: HeadSpansOptions,
): Promise<HeadSpan[]> {
  const { layers, heads, features } = clip.parts.vision;
  const used = lastLayers ?? Math.min(4, layers);
  if (!(Number.isInteger(used) && used >= 1 && used <= layers)) {
    throw new UsageError({
      what: "no such number of layers",
      where: clip.parts.ref,
      got: String(used),
      expected: `a whole number from 1 to ${layers}`,
    });
  }
  const first = (layers - used) * heads;
  const moments = Array.from({ length: used * heads }, () => new Moments(features));
  for await (const batch of batches) {
    const { data, shape } = await expandHeads(clip, batch);
    const [count] = shape as [number];
    for (const [cell, own] of moments.entries()) {
      const rows = new Float32Array(count * features);
      for (let row = 0; row < count; row++) {
        const start = (row * layers * heads + first + cell) * features;
        rows.set(data.subarray(start, start + features), row * features);
      }
      own.add(rows);
    }
  }
  return moments.map((own, cell) => ({
    layer: layers - used + Math.floor(cell / heads),
    head: cell % heads,
    ...textSpan(own, pool, options),
  }));
}
