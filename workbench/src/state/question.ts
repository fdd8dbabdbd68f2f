/** What a decomposition says of the chosen text, or of the chosen text rather than another. */
import type { JobResult } from "vitrine/jobs";

type Decomposed = JobResult<"decompose">;

export interface Answer {
  readonly layers: number;
  readonly heads: number;
  /** Cosine, or difference of two: what all parts add up to. */
  readonly total: number;
  /** [L,H]: what each head adds. */
  readonly byHead: Float32Array;
  /** [L]: what each MLP adds. */
  readonly byMlp: Float32Array;
  /** [P]: by patch, over all heads. */
  readonly map: Float32Array;
  /** [L·H] maps [P] of single heads. */
  readonly headMaps: readonly Float32Array[];
}

/** Parts of the cosine with text number `text`, less those with number `against` where there is one. */
export function answerTo({ texts, maps }: Decomposed, text: number, against?: number): Answer {
  const [, layers, heads, patches] = maps.shape as [number, number, number, number];
  const own = texts[text]!.alone;
  const other = against === undefined ? undefined : texts[against]!.alone;
  const size = layers * heads * patches;
  const mapsOf = (t: number): Float32Array => maps.data.slice(t * size, (t + 1) * size);
  const all = less(mapsOf(text), against === undefined ? undefined : mapsOf(against));
  return {
    layers,
    heads,
    total: own.total - (other?.total ?? 0),
    byHead: less(own.heads, other?.heads),
    byMlp: less(own.mlps, other?.mlps).subarray(1),
    map: less(own.tokens, other?.tokens).subarray(1),
    headMaps: Array.from({ length: layers * heads }, (_, cell) => all.subarray(cell * patches, (cell + 1) * patches)),
  };
}

export function less(a: Float32Array, b: Float32Array | undefined): Float32Array {
  return b === undefined ? a : a.map((value, i) => value - b[i]!);
}

/** Heads, then the layer's MLP, row by row: [L,H+1]. */
export function partsGrid({ layers, heads, byHead, byMlp }: Answer): Float32Array {
  const out = new Float32Array(layers * (heads + 1));
  for (let layer = 0; layer < layers; layer++) {
    out.set(byHead.subarray(layer * heads, (layer + 1) * heads), layer * (heads + 1));
    out[layer * (heads + 1) + heads] = byMlp[layer]!;
  }
  return out;
}

/** How the chosen text, or contrast of two, is called. */
export const questionName = (text: string, against: string | undefined): string =>
  against === undefined ? `“${text}”` : `“${text}” rather than “${against}”`;

/** Places of the chosen texts in the list; undefined where a result is of another list. */
export function askedOf(
  result: Decomposed | undefined,
  texts: readonly string[],
  text: string | undefined,
  against: string | undefined,
): Answer | undefined {
  if (result?.texts.length !== texts.length || texts.length === 0) return undefined;
  const other = against === undefined ? -1 : texts.indexOf(against);
  return answerTo(result, Math.max(0, texts.indexOf(text ?? "")), other < 0 ? undefined : other);
}
