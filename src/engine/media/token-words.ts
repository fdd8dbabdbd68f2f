/** Which tokens make up which word, found by counting bytes. */

export interface TokenWord {
  /** As the tokenizer sees it: in lower case, and cleaned. */
  readonly word: string;
  /** Its tokens are those from `start` to before `end` of the row; the start token is 0. */
  readonly start: number;
  readonly end: number;
}

const END_OF_WORD = "</w>";

/**
 * Words of a cleaned text, from the symbols of its tokens. In a byte-level vocabulary each character of a symbol stands for one
 * byte, so that symbols put one after another are the text's bytes without its white space.
 */
export function wordSpans(text: string, symbols: readonly string[]): TokenWord[] {
  const bytes = symbols.map((symbol) => symbol.replace(new RegExp(`${END_OF_WORD}$`), "").length);
  const words: TokenWord[] = [];
  let [token, seen, wanted] = [0, 0, 0];
  for (const word of text.split(" ").filter(Boolean)) {
    wanted += Buffer.byteLength(word);
    const start = token;
    while (token < bytes.length && seen < wanted) seen += bytes[token++]!;
    if (token > start) words.push({ word, start: start + 1, end: token + 1 });
  }
  return words;
}
