/** What the Heads room shows of a decomposition: one text's parts, or what they exceed another text's by. */
import type { JobResult } from "vitrine/jobs";

type Decomposed = JobResult<"decompose">;

export interface HeadsView {
  readonly layers: number;
  readonly heads: number;
  /** [L,H] */
  readonly values: Float32Array;
  /** [P]: of all heads and MLPs together, by the patch that it came from. */
  readonly all: Float32Array;
  /** [L,H] maps [P]. */
  readonly maps: readonly Float32Array[];
  /** What the values add up to, with the MLPs'. */
  readonly total: number;
  /** What all MLPs and the stream's start add. */
  readonly mlps: number;
}

/** Parts of the cosine with text number `text`, less those with number `against` where there is one. */
export function headsView({ texts, maps: { data, shape } }: Decomposed, text: number, against?: number): HeadsView {
  const [, layers, heads, patches] = shape as [number, number, number, number];
  const [own, other] = [texts[text]!.alone, against === undefined ? undefined : texts[against]!.alone];
  const less = (pick: (parts: typeof own) => Float32Array): Float32Array => difference(pick(own), other && pick(other));
  const size = layers * heads * patches;
  const mapsOf = (t: number): Float32Array => data.subarray(t * size, (t + 1) * size);
  const all = difference(mapsOf(text), against === undefined ? undefined : mapsOf(against));
  return {
    layers,
    heads,
    values: less((parts) => parts.heads),
    all: less((parts) => parts.tokens.subarray(1)),
    maps: Array.from({ length: layers * heads }, (_, cell) => all.subarray(cell * patches, (cell + 1) * patches)),
    total: own.total - (other?.total ?? 0),
    mlps: less((parts) => parts.mlps).reduce((sum, value) => sum + value, 0),
  };
}

function difference(a: Float32Array, b: Float32Array | undefined): Float32Array {
  return b === undefined ? a : a.map((value, i) => value - b[i]!);
}

/** "L3.H4", as the command line writes heads. */
export const headName = (layer: number, head: number): string => `L${layer}.H${head}`;

/** How the chosen text, or contrast of two, is called. */
export const questionName = (text: string, against: string | undefined): string =>
  against === undefined ? `“${text}”` : `“${text}” rather than “${against}”`;
