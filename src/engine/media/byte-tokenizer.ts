const START = "<|startoftext|>";
const END = "<|endoftext|>";
const END_OF_WORD = "</w>";

/** Pieces that CLIP's byte-pair encoding never merges across: specials, contractions, words, single digits, other runs. */
const SPLIT = String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;

/**
 * A tokenizer.json in the format of CLIP's, with these merges instead of CLIP's 48,894: pairs of symbols as
 * `["c", "a"]`, best first. Without merges every byte is a token: 514 entries, start 512, end 513.
 */
export function byteTokenizerJson(merges: readonly (readonly [string, string])[] = []): object {
  const bytes = byteSymbols();
  const words = [...bytes, ...bytes.map((symbol) => symbol + END_OF_WORD), ...merges.map(([a, b]) => a + b)];
  const startId = words.length;
  const endId = startId + 1;
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: true, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: [
      { id: startId, content: START, ...special },
      { id: endId, content: END, ...special },
    ],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "NFC" },
        { type: "Replace", pattern: { Regex: String.raw`\s+` }, content: " " },
        { type: "Lowercase" },
      ],
    },
    pre_tokenizer: {
      type: "Sequence",
      pretokenizers: [
        { type: "Split", pattern: { Regex: SPLIT }, behavior: "Removed", invert: true },
        { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: "RobertaProcessing",
      sep: [END, endId],
      cls: [START, startId],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: "ByteLevel", add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: "BPE",
      dropout: null,
      unk_token: END,
      continuing_subword_prefix: "",
      end_of_word_suffix: END_OF_WORD,
      fuse_unk: false,
      vocab: Object.fromEntries([...words, START, END].map((word, id) => [word, id])),
      merges: merges.map(([a, b]) => `${a} ${b}`),
    },
  };
}

/**
 * A printable character for each byte, in vocabulary order: bytes that print in Latin-1 stand for themselves and come
 * first; the others take the code points from 256.
 */
function byteSymbols(): string[] {
  const printable = [range(0x21, 0x7e), range(0xa1, 0xac), range(0xae, 0xff)].flat();
  const others = range(0, 0xff).filter((byte) => !printable.includes(byte));
  return [...printable, ...others.map((_, i) => 256 + i)].map((code) => String.fromCodePoint(code));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
