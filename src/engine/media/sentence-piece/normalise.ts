/** Texts as a SentencePiece model cuts them: characters rewritten by its rules, spaces as "▁". */
import type { Rewrite } from "./charsmap.js";
import { characterAt, type PrefixMatch } from "./prefix-match.js";

export const SPACE = "▁";

export interface TextRules {
  readonly rewrite: Rewrite | undefined;
  /** Finds the symbols that are kept as they are. */
  readonly symbol: PrefixMatch;
  readonly removeExtraSpaces: boolean;
}

export interface Standing {
  /** Whether a space is put before the text, if there is any. */
  readonly prefix: boolean;
  /** Whether spaces at its start count, as in the midst of a text. */
  readonly inside: boolean;
}

/** Source: `Normalizer::Normalize` of SentencePiece. */
export function normalise(text: string, rules: TextRules, { prefix, inside }: Standing): string {
  const { removeExtraSpaces } = rules;
  let out = "";
  let begun = inside || !removeExtraSpaces;
  let afterSpace = removeExtraSpaces && !inside;
  for (let at = 0; at < text.length;) {
    const { text: next, taken } = nextOf(text, at, rules);
    at += taken;
    begun ||= next !== " ";
    const kept = afterSpace ? next.replace(/^ +/, "") : next;
    out += kept;
    if (kept !== "") afterSpace = removeExtraSpaces && kept.endsWith(" ");
  }
  if (text === "" || !begun) return "";
  const spaced = `${prefix ? SPACE : ""}${out.replaceAll(" ", SPACE)}`;
  return removeExtraSpaces ? spaced.replace(/▁+$/, "") : spaced;
}

function nextOf(text: string, at: number, { rewrite, symbol }: TextRules): { text: string; taken: number } {
  const found = symbol(text, at);
  if (found !== undefined) return { text: found, taken: found.length };
  const character = characterAt(text, at);
  return rewrite?.(text, at) ?? { text: character, taken: character.length };
}
