/** A tokenizer in the form of SigLIP's that knows letters and digits only, so that no third-party vocabulary is needed. */

const SPACE = "▁";
const SYMBOLS = [SPACE, ...Array.from("abcdefghijklmnopqrstuvwxyz0123456789")];
/** Padding, end and unknown, in the order of SigLIP's vocabulary. */
const SPECIAL = ["<pad>", "</s>", "<unk>"];

export const VOCABULARY = SPECIAL.length + SYMBOLS.length;
export const CONTEXT_LENGTH = 64;

/** Content of tokenizer.json: a unigram model whose pieces are these symbols and `words`, such as `["▁cat", -3]` with its log probability. */
export function letterTokenizerJson(words: readonly (readonly [string, number])[] = []): object {
  const special = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  return {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: SPECIAL.map((content, id) => ({ id, content, ...special })),
    normalizer: null,
    pre_tokenizer: { type: "Metaspace", replacement: SPACE, prepend_scheme: "always", add_prefix_space: true },
    post_processor: null,
    decoder: { type: "Metaspace", replacement: SPACE, prepend_scheme: "always", add_prefix_space: true },
    model: {
      type: "Unigram",
      unk_id: SPECIAL.indexOf("<unk>"),
      vocab: [...SPECIAL.map((token) => [token, 0]), ...SYMBOLS.map((symbol) => [symbol, -10]), ...words],
      byte_fallback: false,
    },
  };
}
