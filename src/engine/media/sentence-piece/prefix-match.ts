/** Tells which of some words begins at a place of a text: the longest, or none. */
export type PrefixMatch = (text: string, at: number) => string | undefined;

export function prefixMatch(words: Iterable<string>): PrefixMatch {
  const byFirst = new Map<string, string[]>();
  for (const word of words) byFirst.set(word.charAt(0), [...(byFirst.get(word.charAt(0)) ?? []), word]);
  for (const same of byFirst.values()) same.sort((a, b) => b.length - a.length);
  return (text, at) => byFirst.get(text.charAt(at))?.find((word) => text.startsWith(word, at));
}

/** The character at a place, which may be two units long. */
export const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at)!);
