import { decodeHTML } from "entities";
import { fixText } from "./fix-text.js";

/** Python's `\s`, where it differs from JavaScript's: with the separator controls and NEL, without the byte-order mark. */
const WHITESPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/g;

/**
 * The text that CLIP's own tokenizer sees (OpenAI, OpenCLIP): first what ftfy does to it, except that wrongly decoded
 * text is not repaired (see {@link fixText}); then HTML entities decoded twice, white space collapsed and trimmed, lower case.
 */
export function cleanClipText(text: string): string {
  return collapseWhitespace(decodeHTML(decodeHTML(fixText(text)))).toLowerCase();
}

/** Runs of white space, as Python knows it, as one space, and none at the ends. */
export function collapseWhitespace(text: string): string {
  return text.replace(WHITESPACE, " ").replace(/^ | $/g, "");
}
