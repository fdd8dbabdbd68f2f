/**
 * The analyses that show where in a picture heads see something. Nearest neighbours, for a property as for a head, are searches
 * in head coordinates (`HeadSpace` of decompose); {@link headsOf} gives the heads of a property.
 *
 * Source: Madasu, Gandelsman, Lal, Howard 2024, "Quantifying and Enabling the Interpretability of CLIP-like Models", section 4.
 */
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import type { LabelledHead } from "./properties.js";

/** What is seen at each patch, row by row. */
export interface PatchMap {
  /** [P] */
  readonly values: Float32Array;
  /** The ends of the scale that the published tool draws it on. */
  readonly range: { readonly min: number; readonly max: number };
}

export interface MapOptions {
  /** Which picture and text of `text_maps`. */
  readonly picture: number;
  readonly text: number;
  /** Heads to add up; by default all ("Aggregate"). */
  readonly heads?: readonly HeadPlace[];
  /** Tokens before the patches, `clip.parts.vision.prefix`; by default 1, the class token. */
  readonly prefix?: number;
}

/** The heads labelled with a property. Throws `UsageError` when there are none. */
export function headsOf<Head extends HeadPlace & Pick<LabelledHead, "label">>(
  heads: readonly Head[],
  property: string,
): Head[] {
  const own = heads.filter(({ label }) => label === property);
  if (own.length > 0) return own;
  const labels = [...new Set(heads.flatMap(({ label }) => label ?? []))].sort();
  throw new UsageError({
    what: "no head has this property",
    got: `"${property}"`,
    expected: labels.length === 0 ? "a property that heads are labelled with (none is)" : labels.join(", "),
    fix: "choose one of these, or name heads",
  });
}

/** Topic segmentation: what each patch adds through the heads to a text, from `text_maps` [B,L,H,N,T] of `decompose`. */
export function topicMap(textMaps: FloatTensor, options: MapOptions): PatchMap {
  const values = patchSums(textMaps, options);
  return { values, range: rangeOf([values]) };
}

/**
 * Contrastive segmentation: where the first text is seen rather than the second, and the other way round, on one scale.
 * `referenceBug` takes the last head of the last layer alone, as the published tool does where it means all heads: it
 * compares a number with a name.
 */
export function contrastMaps(
  textMaps: FloatTensor,
  {
    picture,
    texts,
    heads,
    prefix = 1,
    referenceBug = false,
  }: Omit<MapOptions, "text"> & {
    readonly texts: readonly [number, number];
    readonly referenceBug?: boolean;
  },
): [PatchMap, PatchMap] {
  const [, layers, perLayer] = textMaps.shape as [number, number, number];
  const chosen = referenceBug ? [{ layer: layers - 1, head: perLayer - 1 }] : heads;
  const [first, second] = texts.map((text) =>
    patchSums(textMaps, { picture, text, prefix, ...(chosen === undefined ? {} : { heads: chosen }) }),
  ) as [Float32Array, Float32Array];
  const forFirst = first.map((value, i) => value - second[i]!);
  const forSecond = second.map((value, i) => value - first[i]!);
  const range = { min: rangeOf([forFirst, forSecond]).min, max: Math.max(0, rangeOf([forFirst]).max) };
  return [
    { values: forFirst, range },
    { values: forSecond, range },
  ];
}

/** Sums over heads at each patch; other tokens are left out. */
function patchSums({ data, shape }: FloatTensor, { picture, text, heads, prefix = 1 }: MapOptions): Float32Array {
  const [pictures, layers, perLayer, tokens, texts] = shape as [number, number, number, number, number];
  const known = picture >= 0 && picture < pictures && text >= 0 && text < texts && heads?.length !== 0;
  const odd = heads?.find(({ layer, head }) => !(layer >= 0 && layer < layers && head >= 0 && head < perLayer));
  if (!known || odd !== undefined) {
    const got = odd === undefined ? `picture ${picture}, text ${text}` : `L${odd.layer}.H${odd.head}`;
    throw new UsageError({
      what: "no such map",
      got: heads?.length === 0 ? "no heads" : got,
      expected: `${pictures} pictures, ${texts} texts, ${layers} layers of ${perLayer} heads, each counted from 0`,
    });
  }
  const cells =
    heads?.map(({ layer, head }) => layer * perLayer + head) ??
    Array.from({ length: layers * perLayer }, (_, cell) => cell);
  const sums = new Float64Array(tokens - prefix);
  for (const cell of cells) {
    const start = (picture * layers * perLayer + cell) * tokens;
    for (let i = prefix; i < tokens; i++) sums[i - prefix]! += data[(start + i) * texts + text]!;
  }
  return Float32Array.from(sums);
}

function rangeOf(lists: readonly Float32Array[]): PatchMap["range"] {
  const [min, max] = [Math.min, Math.max].map((pick, i) =>
    lists.reduce((end, list) => list.reduce((a, b) => pick(a, b), end), i === 0 ? Infinity : -Infinity),
  ) as [number, number];
  return { min, max };
}
