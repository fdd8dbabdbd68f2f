/** What the room shows, derived from the jobs' results. */
import type { AskedWord, Caption, CaptionObject, LensedPicture, WordBelief } from "vitrine/jobs";

/** A word that there is a belief in. */
export interface BelievedWord extends WordBelief {
  readonly word: string;
  /** The probability with which the decoder said it; absent where it was asked for and not said. */
  readonly said?: number;
}

/** Each word once: those that captions name, then those that were asked for. */
export function believedWords(objects: readonly CaptionObject[], asked: readonly AskedWord[]): BelievedWord[] {
  const words = new Map<string, BelievedWord>();
  for (const { word, probability, confidence, layer, place, map } of objects) {
    const said = Math.max(probability, words.get(word)?.said ?? 0);
    words.set(word, { word, said, confidence, layer, place, map });
  }
  for (const one of asked) if (one.known && !words.has(one.word)) words.set(one.word, one);
  return [...words.values()];
}

/** Texts are asked for as words: "a mushroom" as "mushroom". */
export const askedWords = (texts: readonly string[]): string[] => [
  ...new Set(texts.map((text) => text.replace(/^(?:an?|the)\s+/i, "").trim()).filter(Boolean)),
];

export interface Piece {
  readonly text: string;
  /** Where the piece names something. */
  readonly object?: CaptionObject;
}

/** A caption in pieces: what names an object, and what lies between. */
export function piecesOf({ text, objects }: Pick<Caption, "text" | "objects">): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const object of [...objects].sort((a, b) => a.start - b.start)) {
    if (object.start < at) continue;
    if (object.start > at) pieces.push({ text: text.slice(at, object.start) });
    pieces.push({ text: text.slice(object.start, object.end), object });
    at = object.end;
  }
  if (at < text.length) pieces.push({ text: text.slice(at) });
  return pieces;
}

export interface Change {
  readonly kind: "same" | "gone" | "new";
  readonly text: string;
}

/** What of a text's words is gone and what is new, in order: by their longest common subsequence. */
export function changesOf(before: string, after: string): Change[] {
  const [a, b] = [before, after].map((text) => text.split(/\s+/).filter(Boolean)) as [string[], string[]];
  const common = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      common[i]![j] = a[i] === b[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const changes: { kind: Change["kind"]; words: string[] }[] = [];
  const push = (kind: Change["kind"], word: string): void => {
    const last = changes.at(-1);
    if (last?.kind === kind) last.words.push(word);
    else changes.push({ kind, words: [word] });
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push("same", a[i]!);
      i++;
      j++;
    } else if (i < a.length && (j === b.length || common[i + 1]![j]! >= common[i]![j + 1]!)) push("gone", a[i++]!);
    else push("new", b[j++]!);
  }
  return changes.map(({ kind, words }) => ({ kind, text: words.join(" ") }));
}

/** "3.4 %"; below a tenth of a percent it says so. */
export function percent(part: number): string {
  const value = 100 * part;
  return value > 0 && value < 0.1 ? "< 0.1 %" : `${value.toFixed(value < 9.95 ? 1 : 0)} %`;
}

export const placeName = (place: number | null, grid: number): string =>
  place === null ? "the class token" : `row ${Math.floor(place / grid) + 1}, column ${(place % grid) + 1}`;

/** 0 is what the first block gets. */
export const layerName = (layer: number): string => (layer === 0 ? "embedding" : `block ${layer - 1}`);

export interface LensWord {
  readonly word: string;
  readonly probability: number;
}

/** The likeliest words of one patch in one layer. */
export function wordsAt({ words, likeliest, probabilities }: LensedPicture, layer: number, patch: number): LensWord[] {
  const [, patches, k] = likeliest.shape as [number, number, number];
  const from = (layer * patches + patch) * k;
  return Array.from({ length: k }, (_, rank) => ({
    word: words[likeliest.data[from + rank]!]!,
    probability: probabilities.data[from + rank]!,
  }));
}

/** "heart, tree and sea" */
export function listed(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} and ${last}`;
}
