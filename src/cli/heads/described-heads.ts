/** Heads as the results name them. */
import type { HeadSpan } from "../../methods/decompose/head-spans.js";
import type { TopImage } from "../../methods/decompose/top-images.js";
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
  readonly texts: readonly DescribedText[];
}

export function describedHeads(
  { index, pool }: HeadsRun,
  spans: readonly HeadSpan[],
  best: readonly (readonly (readonly TopImage[])[])[],
): DescribedHead[] {
  return spans.map(({ layer, head, rank, picks, explained }, h) => ({
    layer,
    head,
    rank,
    texts: picks.map((pick, k) => {
      const images = best[h]![k]?.map((image) => ({ name: index.names[image.index]!, ...image }));
      return { text: pool.texts[pick]!, explained: explained[k]!, ...(images === undefined ? {} : { images }) };
    }),
  }));
}

/** For readers: the later a layer, the more of the answer its heads carry. */
export function lastFirst<Head extends { readonly layer: number; readonly head: number }>(
  heads: readonly Head[],
): Head[] {
  return [...heads].sort((a, b) => b.layer - a.layer || a.head - b.head);
}
