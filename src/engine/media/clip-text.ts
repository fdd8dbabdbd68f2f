import { decodeHTML } from "entities";

/** Python's `\s`, where it differs from JavaScript's: with the separator controls and NEL, without the byte-order mark. */
const WHITESPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/**
 * The text that OpenCLIP's tokenizer sees: HTML entities decoded twice, white space collapsed and trimmed, lower case.
 * The repair of wrongly decoded text (ftfy), which the original does first, is left out: it changes broken text only.
 */
export function cleanClipText(text: string): string {
  return decodeHTML(decodeHTML(text)).replace(WHITESPACE, " ").replace(/^ | $/g, "").toLowerCase();
}
