/** Heads as the results name them. */
import type { HeadSpan } from "../../methods/decompose/head-spans.js";
import type { TopImage } from "../../methods/decompose/top-images.js";
import type { LabelledHead } from "../../methods/interpret/properties.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadIndex } from "./head-index.js";
import type { TextPool } from "./text-pool.js";

export interface HeadsRun {
  readonly clip: Clip;
  readonly caveat: string | undefined;
  /** What the pictures are, for people. */
  readonly pictures: string;
  /** Pictures that could be read. */
  readonly read: number;
  readonly index: HeadIndex;
  readonly pool: TextPool;
}

export interface HeadLabel {
  readonly property: string;
  /** Share of the texts below, from 0 to 1; a text that speaks of n properties counts 1/n. */
  readonly share: number;
  readonly texts: readonly { readonly text: string; readonly agrees: boolean }[];
}

export interface DescribedText {
  readonly text: string;
  /** Share of the head's variance that this text and those before it explain. */
  readonly explained: number;
  /** Of the first texts: the pictures furthest along what this text adds. */
  readonly images?: readonly { readonly index: number; readonly name: string; readonly value: number }[];
}

export interface DescribedHead {
  readonly layer: number;
  readonly head: number;
  readonly rank: number;
  /** The property that most of its label's texts speak of, and these texts; undefined where none speaks of any. */
  readonly label: HeadLabel | undefined;
  readonly texts: readonly DescribedText[];
}

export function describedHeads(
  { index, pool }: HeadsRun,
  spans: readonly HeadSpan[],
  labelled: readonly LabelledHead[],
  best: readonly (readonly (readonly TopImage[])[])[],
): DescribedHead[] {
  return spans.map(({ layer, head, rank, picks, explained }, h) => ({
    layer,
    head,
    rank,
    label: labelOf(labelled[h]!),
    texts: picks.map((pick, k) => {
      const images = best[h]![k]?.map((image) => ({ name: index.names[image.index]!, ...image }));
      return { text: pool.texts[pick]!, explained: explained[k]!, ...(images === undefined ? {} : { images }) };
    }),
  }));
}

function labelOf({ label, share, texts }: LabelledHead): HeadLabel | undefined {
  if (label === undefined) return undefined;
  return { property: label, share, texts: texts.map(({ text, agrees }) => ({ text, agrees })) };
}

/** For readers: the later a layer, the more of the answer its heads carry. */
export function lastFirst<Head extends { readonly layer: number; readonly head: number }>(
  heads: readonly Head[],
): Head[] {
  return [...heads].sort((a, b) => b.layer - a.layer || a.head - b.head);
}
