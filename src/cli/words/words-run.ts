import type { WordAttribution } from "../../methods/decompose/words.js";
import type { Clip } from "../../models/clip/clip.js";

/** One run of `vitrine words`: what was asked and what was found. */
export interface WordsRun {
  readonly clip: Clip;
  /** What the checkpoint says that its words are not worth. */
  readonly caveat: string | undefined;
  readonly texts: readonly string[];
  /** What each text is compared with: a picture's file, other texts, or the text itself. */
  readonly others: { readonly kind: "image" | "text"; readonly names: readonly string[] } | { readonly kind: "own" };
  /** For each text, one for each of the others. */
  readonly found: readonly (readonly WordAttribution[])[];
}

/** The start and end tokens in angle brackets, as no word can be. */
export function sourceName({ kind, word }: WordAttribution["sources"][number]): string {
  return kind === "word" ? word : `<${kind}>`;
}

/** What the other is called, for people. */
export function otherName({ others }: Pick<WordsRun, "others">, index: number): string {
  if (others.kind === "own") return "itself";
  return others.kind === "image" ? others.names[index]! : `“${others.names[index]!}”`;
}
