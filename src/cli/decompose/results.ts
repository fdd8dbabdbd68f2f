/** What the command line keeps and prints of each picture. */
import { rankHeads } from "../../methods/decompose/attribution.js";
import { attentionByLayer, decisive, type PictureFindings } from "../../methods/decompose/report/findings.js";
import { floatTensor } from "../../engine/tensor/tensor.js";

/** A picture's entry in the document that `--json` prints. */
export interface PictureResult {
  readonly name: string;
  readonly scores: readonly { readonly text: string; readonly cosine: number; readonly probability: number }[];
  /** The `--top` heads of each text: by contrast where there are other texts, else by value. */
  readonly heads: readonly HeadResult[];
  /** The start of the residual stream. */
  readonly start: LayerPart;
  readonly layers: readonly { readonly layer: number; readonly attention: LayerPart; readonly mlp: LayerPart }[];
}

export interface HeadResult {
  readonly text: string;
  readonly layer: number;
  readonly head: number;
  /** Part of the cosine. */
  readonly value: number;
  /** Part of the lead over the mean of the other texts; absent for a single text. */
  readonly contrast?: number;
}

/** What one layer's attention or MLP adds to the normalised representation. */
export interface LayerPart {
  /** Its Euclidean norm. */
  readonly norm: number;
  /** Parts of the cosines, in the order of the texts; values of all layers and of the start add up to the cosines. */
  readonly values: readonly number[];
}

export function pictureResult(
  name: string,
  findings: PictureFindings,
  texts: readonly string[],
  top: number,
): PictureResult {
  const attention = findings.texts.map(({ alone }) => attentionByLayer(alone));
  const mlp = (k: number): LayerPart => ({
    norm: digits(findings.norms.mlps[k]!),
    values: findings.texts.map(({ alone }) => digits(alone.mlps[k]!)),
  });
  return {
    name,
    scores: findings.texts.map(({ cosine, probability }, t) => {
      return { text: texts[t]!, cosine: digits(cosine), probability: digits(probability) };
    }),
    heads: texts.flatMap((text, t) => topHeads(findings, t, top).map((head) => ({ text, ...head }))),
    start: mlp(0),
    layers: Array.from(findings.norms.attention, (norm, layer) => ({
      layer,
      attention: { norm: digits(norm), values: attention.map((sums) => digits(sums[layer]!)) },
      mlp: mlp(layer + 1),
    })),
  };
}

/** The heads that did most for a text: its lead over the others, or its cosine where it is the only one. */
export function topHeads(findings: PictureFindings, text: number, top: number): Omit<HeadResult, "text">[] {
  const found = findings.texts[text]!;
  const parts = decisive(found);
  const layers = parts.mlps.length - 1;
  const perLayer = parts.heads.length / layers;
  const heads = floatTensor(parts.heads, [1, layers, perLayer, 1]);
  return rankHeads({ heads }, 0, 0)
    .slice(0, top)
    .map(({ layer, head, value }) => ({
      layer,
      head,
      value: digits(found.alone.heads[layer * perLayer + head]!),
      ...(found.against === undefined ? {} : { contrast: digits(value) }),
    }));
}

/** Float32 carries about seven digits; more would only be noise. */
const digits = (value: number): number => Number(value.toPrecision(7));
