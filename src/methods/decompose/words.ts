/**
 * Which words of a text, through which heads, make its representation what it is: the decomposition of texts, by word.
 *
 * @file L layers and H heads of the text tower, W words of a text with its start and end tokens.
 */
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { dotRows, normaliseRows } from "../../engine/tensor/rows.js";
import type { Clip } from "../../models/clip/clip.js";
import { MissingPartError } from "../../models/clip/errors.js";
import { decomposeText, type TextDecomposition } from "./decompose-text.js";

/** A word, or the start or end token, and which tokens of the row it is. */
export interface Source {
  readonly kind: "start" | "word" | "end";
  /** In lower case, and cleaned, as the model sees it; "" for the start and end tokens. */
  readonly word: string;
  /** From the first token to before the last, the start token being 0. */
  readonly tokens: readonly [start: number, end: number];
}

/** What every part of one text adds to its cosine with one direction. Heads and MLPs add up to the cosine. */
export interface WordAttribution {
  readonly cosine: number;
  /** In the order of the text. */
  readonly sources: readonly Source[];
  /** [L,H,W] */
  readonly cells: FloatTensor;
  /** [L+1]: the end token's embedding and place, then each MLP. */
  readonly mlps: Float32Array;
}

export interface WordOptions {
  /** Texts per run of the model. */
  readonly batch?: number;
}

/**
 * Attributes texts' cosines with directions [T,D] of unit length, such as normalised features of pictures or other texts; or
 * `"own"`: with themselves, so that all parts add up to 1. One list of T for each text. Throws `MissingPartError` for a model without CLIP's text
 * tower or tokenizer, and what {@link decomposeText} throws.
 */
export async function wordAttributions(
  clip: Clip,
  texts: readonly string[],
  directions: FloatTensor | "own",
  { batch }: WordOptions = {},
): Promise<WordAttribution[][]> {
  const sources = texts.map((text) => sourcesOf(clip, text));
  const found = await decomposeText(clip, texts, { texts: directions, ...(batch === undefined ? {} : { batch }) });
  const own = normaliseRows(found.text_features);
  return texts.map((_, row) => {
    const unit = rowOf(own, row);
    const along = directions === "own" ? unit : directions;
    const mlps = dotRows(rowOf(found.mlp_contributions, row), along);
    const cosines = dotRows(unit, along).data;
    return Array.from(cosines, (cosine, t) => ({
      cosine,
      sources: sources[row]!,
      cells: byWord(found, row, t, sources[row]!),
      mlps: mlps.data.filter((_, i) => i % cosines.length === t),
    }));
  });
}

function sourcesOf({ parts: { tokenizer, text, ref } }: Clip, content: string): Source[] {
  if (tokenizer?.words === undefined || text === undefined) {
    throw new MissingPartError({
      what: "the model cannot tell which tokens make up a word",
      where: ref,
      expected: "CLIP's text tower and its tokenizer.json",
    });
  }
  const words = tokenizer.words(content, { contextLength: text.contextLength });
  const end = words.at(-1)?.end ?? 1;
  return [
    { kind: "start", word: "", tokens: [0, 1] },
    ...words.map(({ word, start, end }) => ({ kind: "word" as const, word, tokens: [start, end] as const })),
    { kind: "end", word: "", tokens: [end, end + 1] },
  ];
}

/** Row `row` of x [B,…] as [K,D], of its last axis. */
function rowOf({ data, shape }: FloatTensor, row: number): FloatTensor {
  const size = data.length / shape[0]!;
  return floatTensor(data.subarray(row * size, (row + 1) * size), [size / shape.at(-1)!, shape.at(-1)!]);
}

/** [L,H,W] of one text and direction: tokens of a word added up. */
function byWord(
  { text_maps }: TextDecomposition,
  row: number,
  direction: number,
  sources: readonly Source[],
): FloatTensor {
  const [, layers, heads, tokens, count] = text_maps!.shape as [number, number, number, number, number];
  const cells = new Float32Array(layers * heads * sources.length);
  for (let head = 0; head < layers * heads; head++) {
    const start = (row * layers * heads + head) * tokens;
    for (const [
      w,
      {
        tokens: [from, to],
      },
    ] of sources.entries()) {
      let sum = 0;
      for (let token = from; token < to; token++) sum += text_maps!.data[(start + token) * count + direction]!;
      cells[head * sources.length + w] = sum;
    }
  }
  return floatTensor(cells, [layers, heads, sources.length]);
}

/** What each word adds through all heads, [W]. */
export function wordTotals({ cells }: WordAttribution): Float32Array {
  const words = cells.shape[2]!;
  const sums = new Float64Array(words);
  cells.data.forEach((value, i) => (sums[i % words]! += value));
  return Float32Array.from(sums);
}

/** What each head adds through all words, [L,H]. */
export function headTotals({ cells }: WordAttribution): FloatTensor {
  const [layers, heads, words] = cells.shape as [number, number, number];
  const sums = new Float64Array(layers * heads);
  cells.data.forEach((value, i) => (sums[Math.floor(i / words)]! += value));
  return floatTensor(Float32Array.from(sums), [layers, heads]);
}
