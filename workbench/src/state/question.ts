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
  /** What all MLPs and the stream's start add together. */
  readonly mlps: number;
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
  const rest = less(own.mlps, other?.mlps);
  return {
    layers,
    heads,
    total: own.total - (other?.total ?? 0),
    byHead: less(own.heads, other?.heads),
    byMlp: rest.subarray(1),
    mlps: rest.reduce((sum, value) => sum + value, 0),
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

/** "L3.H4", as the command line writes heads. */
export const headName = (layer: number, head: number): string => `L${layer}.H${head}`;

/** Of {@link partsGrid}. */
export const rowNames = ({ layers }: Answer): string[] => [...Array(layers).keys()].map(String);
export const columnNames = ({ heads }: Answer): string[] => [...[...Array(heads).keys()].map(String), "MLP"];

/** Of a cell of {@link partsGrid}: "L3.H4", or "L3.mlp" in the last column. */
export function partName({ heads }: Pick<Answer, "heads">, cell: number): string {
  const layer = Math.floor(cell / (heads + 1));
  const column = cell % (heads + 1);
  return column === heads ? `L${layer}.mlp` : headName(layer, column);
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
