/** What a decomposition says about each picture, in numbers small enough to keep for many pictures. */
import { type FloatTensor, floatTensor } from "../../../engine/tensor/tensor.js";
import type { Clip } from "../../../models/clip/clip.js";
import { attribute, contrasts } from "../attribution.js";
import type { Decomposition } from "../decompose.js";
import { classify } from "../zero-shot.js";

/** What the model's parts add to a number. Heads and MLPs add up to `total`; so do MLPs and tokens. */
export interface Parts {
  /** [L,H] */
  readonly heads: Float32Array;
  /** [L+1]: the stream's start, then each MLP. */
  readonly mlps: Float32Array;
  /** [1+P]: by source token over all layers and heads; first all that are no patches, then the patches, row-major. */
  readonly tokens: Float32Array;
  readonly total: number;
}

export interface TextFindings {
  readonly cosine: number;
  /** By softmax over the given texts, or, where the model judges each text by itself, of this text alone. */
  readonly probability: number;
  /** Parts of the cosine. */
  readonly alone: Parts;
  /** Parts of what the cosine exceeds the other texts' mean by; absent where there is no other text. */
  readonly against?: Parts;
}

/** Euclidean norms of what each layer adds to the normalised representation. */
export interface LayerNorms {
  /** [L] */
  readonly attention: Float32Array;
  /** [L+1]: the stream's start, then each MLP. */
  readonly mlps: Float32Array;
}

export interface PictureFindings {
  /** In the order of the texts; empty without texts. */
  readonly texts: readonly TextFindings[];
  readonly norms: LayerNorms;
}

/** Parts of the lead over the other texts, or of the cosine where there is no other text. */
export const decisive = ({ against, alone }: TextFindings): Parts => against ?? alone;

/** Indices of the texts by descending cosine. */
export function ranking({ texts }: PictureFindings): number[] {
  return texts.map((_, t) => t).sort((a, b) => texts[b]!.cosine - texts[a]!.cosine);
}

/** What each layer's heads add together, [L]. */
export function attentionByLayer({ heads, mlps }: Parts): Float32Array {
  const layers = mlps.length - 1;
  const perLayer = heads.length / layers;
  return Float32Array.from({ length: layers }, (_, l) =>
    heads.subarray(l * perLayer, (l + 1) * perLayer).reduce((a, b) => a + b, 0),
  );
}

/**
 * Findings for each of B pictures. `headContributions` are `expandHeads` of the decomposition, which needs `text_maps` of
 * the same unit `directions` [T,D], or [B,T,D] of each picture's own; without directions only norms are found.
 */
export function findingsOf(
  clip: Clip,
  decomposition: Decomposition,
  headContributions: FloatTensor,
  directions: FloatTensor | undefined,
): PictureFindings[] {
  const norms = layerNorms(headContributions, decomposition.mlp_contributions);
  if (directions === undefined) return norms.map((norm) => ({ texts: [], norms: norm }));
  const { heads, mlps } = attribute(headContributions, decomposition, directions);
  const tokens = joinPrefix(tokenTexts(decomposition.text_maps!), clip.parts.vision.prefix);
  const { cosines, probabilities } = classify(clip, decomposition.image_features, directions);
  const count = directions.shape.at(-2)!;
  return norms.map((norm, b) => {
    // One row per text: [T, heads | MLPs | tokens | cosine], for contrasts are linear in all of them alike.
    const columns = [heads, mlps, tokens, cosines].map((tensor) => textMajor(tensor, b, count));
    const lengths = columns.map((column) => column.length / count);
    const rows = joinColumns(columns, count);
    const alone = partsOf(rows, lengths);
    const against = count < 2 ? [] : partsOf(contrasts(rows), lengths);
    const texts = alone.map((parts, t): TextFindings => {
      const probability = probabilities.data[b * count + t]!;
      const lead = against[t];
      return { cosine: parts.total, probability, alone: parts, ...(lead === undefined ? {} : { against: lead }) };
    });
    return { texts, norms: norm };
  });
}

/** Sums [B,N,T] of text maps [B,L,H,N,T] over layers and heads. */
export function tokenTexts(textMaps: FloatTensor): FloatTensor {
  const [batch, layers, heads, tokens, texts] = textMaps.shape as [number, number, number, number, number];
  const size = tokens * texts;
  const sums = new Float64Array(batch * size);
  for (let cell = 0; cell < batch * layers * heads; cell++) {
    const to = Math.floor(cell / (layers * heads)) * size;
    for (let i = 0; i < size; i++) sums[to + i]! += textMaps.data[cell * size + i]!;
  }
  return floatTensor(Float32Array.from(sums), [batch, tokens, texts]);
}

/** Values [B,N,T] of tokens as [B,1+P,T]: those of the first `prefix` tokens, which are no patches, added up. */
function joinPrefix({ data, shape }: FloatTensor, prefix: number): FloatTensor {
  const [batch, tokens, texts] = shape as [number, number, number];
  const joined = tokens - prefix + 1;
  const out = new Float32Array(batch * joined * texts);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < tokens * texts; i++) {
      const row = Math.max(0, Math.floor(i / texts) - prefix + 1);
      out[(b * joined + row) * texts + (i % texts)]! += data[b * tokens * texts + i]!;
    }
  }
  return floatTensor(out, [batch, joined, texts]);
}

/** One head's map [1+P] for a text, like {@link Parts.tokens}; against the others where there are any, like {@link decisive}. */
export function headTokens(
  textMaps: FloatTensor,
  picture: number,
  { layer, head }: { readonly layer: number; readonly head: number },
  text: number,
  prefix: number,
): Float32Array {
  const [, layers, heads, tokens, texts] = textMaps.shape as [number, number, number, number, number];
  const cell = (picture * layers + layer) * heads + head;
  const own = textMaps.data.subarray(cell * tokens * texts, (cell + 1) * tokens * texts);
  const map = joinPrefix(floatTensor(own, [1, tokens, texts]), prefix);
  const length = map.shape[1]!;
  const rows = contrasts(floatTensor(textMajor(map, 0, texts), [texts, length]));
  return rows.data.subarray(text * length, (text + 1) * length);
}

function layerNorms(heads: FloatTensor, mlps: FloatTensor): LayerNorms[] {
  const [batch, layers, perLayer, width] = heads.shape as [number, number, number, number];
  return Array.from({ length: batch }, (_, b) => ({
    attention: Float32Array.from({ length: layers }, (_, l) => {
      const sum = new Float64Array(width);
      const start = (b * layers + l) * perLayer * width;
      for (let i = 0; i < perLayer * width; i++) sum[i % width]! += heads.data[start + i]!;
      return Math.hypot(...sum);
    }),
    mlps: Float32Array.from({ length: layers + 1 }, (_, k) => {
      const start = (b * (layers + 1) + k) * width;
      return Math.hypot(...mlps.data.subarray(start, start + width));
    }),
  }));
}

/** The values […,T] of one of `pictures` as rows, one per text. */
function textMajor({ data, shape }: FloatTensor, picture: number, texts: number): Float32Array {
  const length = data.length / shape[0]! / texts;
  const start = picture * length * texts;
  return Float32Array.from(
    { length: length * texts },
    (_, i) => data[start + (i % length) * texts + Math.floor(i / length)]!,
  );
}

function joinColumns(columns: readonly Float32Array[], rows: number): FloatTensor {
  const width = columns.reduce((sum, { length }) => sum + length / rows, 0);
  const joined = new Float32Array(rows * width);
  let at = 0;
  for (const column of columns) {
    const length = column.length / rows;
    for (let row = 0; row < rows; row++)
      joined.set(column.subarray(row * length, (row + 1) * length), row * width + at);
    at += length;
  }
  return floatTensor(joined, [rows, width]);
}

function partsOf({ data, shape }: FloatTensor, lengths: readonly number[]): Parts[] {
  const [texts, width] = shape as [number, number];
  const [heads, mlps] = lengths as [number, number];
  return Array.from({ length: texts }, (_, t) => {
    const row = data.subarray(t * width, (t + 1) * width);
    return {
      heads: row.subarray(0, heads),
      mlps: row.subarray(heads, heads + mlps),
      tokens: row.subarray(heads + mlps, width - 1),
      total: row[width - 1]!,
    };
  });
}
