/**
 * The compiled rules by which a SentencePiece model rewrites characters, such as NFKC.
 *
 * @file Source: normalizer.h of SentencePiece: the length of a double-array trie over UTF-8 (4 bytes), the trie, and the results,
 * each ended by a zero. The trie's units are those of Darts-clone (Yata 2012): a label, an offset to the children, and whether a
 * value hangs on it.
 */
import { TokenizerNotSentencePieceError } from "../tokenizer-errors.js";
import { characterAt } from "./prefix-match.js";

/** What the longest rule that begins at a place makes of the text there, and how many units it takes. */
export type Rewrite = (text: string, at: number) => { readonly text: string; readonly taken: number } | undefined;

const UNIT = 4;

/** Throws TokenizerNotSentencePieceError; `where` names the file. */
export function charsmapOf(where: string, bytes: Uint8Array): Rewrite {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const size = bytes.length < UNIT ? 0 : view.getUint32(0, true);
  if (size === 0 || size % UNIT !== 0 || UNIT + size >= bytes.length) {
    throw new TokenizerNotSentencePieceError(where, "rules for characters of another form");
  }
  const trie = Uint32Array.from({ length: size / UNIT }, (_, i) => view.getUint32(UNIT * (i + 1), true));
  const results = bytes.subarray(UNIT + size);
  const [encoder, decoder] = [new TextEncoder(), new TextDecoder("utf-8", { ignoreBOM: true })];
  return (text, at) => {
    let node = offsetOf(trie[0]!);
    let found: { value: number; taken: number } | undefined;
    for (let end = at; end < text.length;) {
      const character = characterAt(text, end);
      end += character.length;
      let unit = 0;
      for (const byte of encoder.encode(character)) {
        node ^= byte;
        unit = trie[node] ?? 0;
        if (labelOf(unit) !== byte) return found && { text: resultAt(found.value), taken: found.taken };
        node ^= offsetOf(unit);
      }
      if (hasValue(unit)) found = { value: (trie[node] ?? 0) & 0x7fff_ffff, taken: end - at };
    }
    return found && { text: resultAt(found.value), taken: found.taken };
  };

  function resultAt(start: number): string {
    return decoder.decode(results.subarray(start, results.indexOf(0, start)));
  }
}

const hasValue = (unit: number): boolean => (unit & 0x100) !== 0;
const labelOf = (unit: number): number => (unit & 0x8000_00ff) >>> 0;
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
