/**
 * CHAIR: how many of the objects that captions name are not in the pictures, and how many of those in the pictures are named.
 *
 * Source: Rohrbach et al., _Object Hallucination in Image Captioning_, EMNLP 2018, section 2; recall as in the code of Jiang et al.,
 * _Interpreting and Editing Vision-Language Representations to Mitigate Hallucinations_, ICLR 2025.
 */
import { UsageError } from "../../engine/errors.js";
import { type Mention, ObjectWords, type ObjectTable } from "./object-words.js";
import type { ChairMode } from "./singular.js";

export interface Caption {
  readonly imageId: string;
  readonly caption: string;
}

/** For each picture the objects that are in it. */
export type ObjectTruth = ReadonlyMap<string, ReadonlySet<string>>;

export interface CaptionMentions extends Caption {
  readonly mentions: readonly (Mention & { readonly hallucinated: boolean })[];
  /** Objects of the picture that are named. */
  readonly recalled: readonly string[];
  /** Objects of the picture that are not. */
  readonly missed: readonly string[];
}

export interface ChairCounts {
  readonly captions: number;
  /** Captions with at least one mention of an object that is not there. */
  readonly hallucinated_captions: number;
  /** Mentions of objects, each time one is named. */
  readonly mentions: number;
  readonly hallucinated_mentions: number;
  /** Different objects of each picture, summed over captions. */
  readonly objects: number;
  /** Of these, those that their caption names. */
  readonly recalled_objects: number;
}

/** In percent; undefined where there is nothing to divide by. */
export interface Chair {
  /** Captions that hallucinate, of all captions. */
  readonly chairS: number | undefined;
  /** Mentions that are hallucinated, of all mentions. */
  readonly chairI: number | undefined;
  /** Objects that are named, of all objects. */
  readonly recall: number | undefined;
  readonly counts: ChairCounts;
  readonly captions: readonly CaptionMentions[];
}

/** Throws `UsageError` for no captions, and for one of a picture whose objects are not known. */
export function chair(captions: readonly Caption[], truth: ObjectTruth, table: ObjectTable, mode: ChairMode): Chair {
  if (captions.length === 0) {
    throw new UsageError({ what: "no captions to judge", got: "none", expected: "one or more" });
  }
  const words = new ObjectWords(table, mode);
  const judged = captions.map((caption) => judge(caption, truth, words));
  const sum = (of: (one: CaptionMentions) => number): number => judged.reduce((total, one) => total + of(one), 0);
  const hallucinated = ({ mentions }: CaptionMentions): number =>
    mentions.filter((mention) => mention.hallucinated).length;
  const counts: ChairCounts = {
    captions: judged.length,
    hallucinated_captions: sum((one) => Math.min(1, hallucinated(one))),
    mentions: sum(({ mentions }) => mentions.length),
    hallucinated_mentions: sum(hallucinated),
    objects: sum(({ recalled, missed }) => recalled.length + missed.length),
    recalled_objects: sum(({ recalled }) => recalled.length),
  };
  return {
    chairS: percent(counts.hallucinated_captions, counts.captions),
    chairI: percent(counts.hallucinated_mentions, counts.mentions),
    recall: percent(counts.recalled_objects, counts.objects),
    counts,
    captions: judged,
  };
}

function judge(caption: Caption, truth: ObjectTruth, words: ObjectWords): CaptionMentions {
  const objects = truth.get(caption.imageId);
  if (objects === undefined) {
    throw new UsageError({
      what: "a caption of a picture whose objects are not known",
      got: `picture ${caption.imageId}`,
      expected: "an entry for it in the truth",
      fix: "add it there, or leave the caption out",
    });
  }
  const mentions = words
    .mentions(caption.caption)
    .map((mention) => ({ ...mention, hallucinated: !objects.has(mention.object) }));
  const named = new Set(mentions.map(({ object }) => object));
  return {
    ...caption,
    mentions,
    recalled: [...objects].filter((object) => named.has(object)),
    missed: [...objects].filter((object) => !named.has(object)),
  };
}

function percent(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : (100 * part) / whole;
}
