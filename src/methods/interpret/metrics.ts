/**
 * How well heads can be read: association, entanglement, and consistency of concepts.
 *
 * Sources: Madasu, Gandelsman, Lal, Howard 2024, "Quantifying and Enabling the Interpretability of CLIP-like Models", for
 * association and entanglement; arXiv 2503.11103 for the concept consistency score (CCS). What decides for a single head is not
 * given there in full, so that it is a parameter here, and every figure comes with the heads it is made of.
 */
import type { HeadPlace } from "../../models/clip/head-place.js";
import type { LabelledHead } from "./properties.js";

/** What figures are computed from: any labels and verdicts, ours or another judge's. */
export type JudgedHead = Pick<LabelledHead, "layer" | "head" | "label"> & {
  readonly texts: readonly { readonly agrees: boolean }[];
};

export interface Association {
  /** Heads that agree with their label, over all heads. */
  readonly score: number;
  /** For each head, whether enough of its texts agree with its label. */
  readonly heads: readonly (HeadPlace & { readonly agreeing: number; readonly agrees: boolean })[];
}

/** Higher is better. A head counts when at least `share` of its texts, more than half unless told, agree with its label. */
export function association(heads: readonly JudgedHead[], share?: number): Association {
  const judged = heads.map((one) => {
    const [agreeing, all] = [agreeingTexts(one), one.texts.length];
    const agrees = all > 0 && (share === undefined ? 2 * agreeing > all : agreeing >= share * all);
    return { layer: one.layer, head: one.head, agreeing, agrees: one.label !== undefined && agrees };
  });
  return { score: shareOf(judged, ({ agrees }) => agrees), heads: judged };
}

export interface Entanglement {
  /** Heads whose label another head has too, over all heads. Lower is better. */
  readonly sharedHeads: number;
  /** Labelled heads per distinct label, at least 1; 0 without labels. Lower is better. */
  readonly meanFrequency: number;
  /** The heads of each label, the most frequent label first. */
  readonly labels: readonly { readonly label: string; readonly heads: readonly HeadPlace[] }[];
}

/**
 * Two readings of "how often different heads share a property", neither of which gives all published values. Labels are
 * compared as they are: see {@link normaliseLabel}.
 */
export function entanglement(heads: readonly JudgedHead[]): Entanglement {
  const labels = byLabel(heads);
  const labelled = labels.reduce((sum, { heads: own }) => sum + own.length, 0);
  const shared = labels.reduce((sum, { heads: own }) => sum + (own.length > 1 ? own.length : 0), 0);
  return {
    sharedHeads: heads.length === 0 ? 0 : shared / heads.length,
    meanFrequency: labels.length === 0 ? 0 : labelled / labels.length,
    labels,
  };
}

export interface ConceptConsistency {
  /** CCS of each head: how many of its texts agree with its label. */
  readonly heads: readonly (HeadPlace & { readonly label: string | undefined; readonly score: number })[];
  /** CCS@K: the share of heads whose score is K, for K from 0 to the number of texts. */
  readonly shares: readonly number[];
  /**
   * CCR: concepts that more than one high head has, over the number of high heads; a head is high when all its texts agree.
   * Undefined where no head is.
   */
  readonly redundancy: number | undefined;
  /** The concepts of high heads. */
  readonly high: Entanglement["labels"];
}

/** `count` is the number of texts per head, 5 in the paper; a head with fewer cannot be high. */
export function conceptConsistency(heads: readonly JudgedHead[], count = 5): ConceptConsistency {
  const scored = heads.map((one) => ({
    layer: one.layer,
    head: one.head,
    label: one.label,
    score: one.label === undefined ? 0 : agreeingTexts(one),
  }));
  const shares = Array.from({ length: count + 1 }, (_, k) => shareOf(scored, ({ score }) => score === k));
  const highHeads = scored.filter(({ score }) => score === count);
  const high = byLabel(highHeads);
  const repeated = high.filter(({ heads: own }) => own.length > 1).length;
  return { heads: scored, shares, redundancy: highHeads.length === 0 ? undefined : repeated / highHeads.length, high };
}

/**
 * A label as it is compared: lower case, single spaces, without a plural's ending, and with `synonyms` (from any
 * form, normalised too, to the one that stands for it) put in.
 */
export function normaliseLabel(label: string, synonyms: ReadonlyMap<string, string> = new Map()): string {
  const words = label.toLowerCase().trim().split(/\s+/);
  const last = singular(words.pop()!);
  const plain = [...words, last].join(" ");
  return synonyms.get(plain) ?? plain;
}

function singular(word: string): string {
  if (word.length > 4 && word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  if (/(?:ch|sh|x|ss)es$/.test(word)) return word.slice(0, -2);
  return word.length > 3 && /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

function byLabel(heads: readonly (HeadPlace & { readonly label: string | undefined })[]): Entanglement["labels"] {
  const groups = new Map<string, HeadPlace[]>();
  for (const { layer, head, label } of heads) {
    if (label !== undefined) groups.set(label, [...(groups.get(label) ?? []), { layer, head }]);
  }
  const labels = [...groups].map(([label, own]) => ({ label, heads: own }));
  return labels.sort((a, b) => b.heads.length - a.heads.length);
}

function agreeingTexts({ texts }: Pick<JudgedHead, "texts">): number {
  return texts.filter(({ agrees }) => agrees).length;
}

function shareOf<T>(values: readonly T[], holds: (value: T) => boolean): number {
  return values.length === 0 ? 0 : values.filter(holds).length / values.length;
}
