import { intTensor, type Tensor } from "../tensor/tensor.js";
import { type BytePairModel, bytePairModel } from "./byte-pair-model.js";
import { collapseWhitespace } from "./clip-text.js";
import type { EncodeOptions } from "./clip-tokenizer.js";
import { TokenizerContextTooShortError, TokenizerNotSiglipError } from "./tokenizer-errors.js";

const DEFAULT_CONTEXT = 64;
const SHORTEST_CONTEXT = 2;
const END_NAMES = ["</s>", "<eos>"];
/** Python's `string.punctuation`. */
const PUNCTUATION = /[!-/:-@[-`{-~]/g;

/** SigLIP's tokenizer: pieces of SentencePiece, an end token, padding that counts. Made by {@link parsePieceTokenizer}. */
export class PieceTokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  readonly #longestToken: number;

  constructor(
    private readonly pieces: BytePairModel,
    private readonly clean: (text: string) => string,
    readonly endId: number,
    readonly padId: number,
  ) {
    const vocabulary = [...pieces.get_vocab()];
    this.vocabularySize = 1 + vocabulary.reduce((largest, [, id]) => Math.max(largest, id), 0);
    this.#longestToken = vocabulary.reduce((longest, [token]) => Math.max(longest, token.length), 1);
  }

  /**
   * Token ids [B,contextLength]: the text's pieces, the end token, padding. A text that is too long is cut and its last token
   * is the end token. Throws TokenizerContextTooShortError below 2.
   */
  encode(texts: readonly string[], options: EncodeOptions = {}): Tensor<"int32"> {
    const { contextLength = DEFAULT_CONTEXT, padId = this.padId } = options;
    if (!Number.isSafeInteger(contextLength) || contextLength < SHORTEST_CONTEXT) {
      throw new TokenizerContextTooShortError(contextLength);
    }
    const out = new Int32Array(texts.length * contextLength).fill(padId);
    const legible = 2 * contextLength * this.#longestToken;
    texts.forEach((text, row) => {
      const { ids } = this.pieces.encode(this.clean(text).slice(0, legible), { add_special_tokens: false });
      out.set([...ids.slice(0, contextLength - 1), this.endId], row * contextLength);
    });
    return intTensor(out, [texts.length, contextLength]);
  }
}

/**
 * Reads the parsed content of a SigLIP model's tokenizer.json: a unigram model (SigLIP), or byte pairs with "▁" for spaces (SigLIP
 * 2). `config` (tokenizer_config.json) names the padding where it is not the usual one: the end token, for a unigram model. Throws
 * TokenizerNotSiglipError; `where` names the file in its message.
 */
export function parsePieceTokenizer(json: unknown, config: unknown = {}, where = "tokenizer"): PieceTokenizer {
  const { type, end_of_word_suffix: suffix } = asRecord(asRecord(json)["model"]);
  const isUnigram = type === "Unigram";
  if (!isUnigram && (type !== "BPE" || Boolean(suffix))) {
    throw new TokenizerNotSiglipError(
      where,
      `model ${type === undefined ? "none" : JSON.stringify(type)}`,
      'model "Unigram"',
    );
  }
  const pieces = build(asRecord(json), asRecord(config), where);
  const named = asRecord(config)["pad_token"];
  const idOf = (names: readonly unknown[]): number | undefined =>
    names
      .filter((name) => typeof name === "string")
      .map((name) => pieces.token_to_id(name))
      .find((id) => id !== undefined);
  const endId = idOf(END_NAMES);
  if (endId === undefined) throw new TokenizerNotSiglipError(where, "no end token", END_NAMES.join(" or "));
  const padId = idOf([named, asRecord(named)["content"], ...(isUnigram ? [] : ["<pad>"])]) ?? endId;
  return new PieceTokenizer(pieces, isUnigram ? canonical : (text) => text.toLowerCase(), endId, padId);
}

/** As SigLIP's texts were prepared: lower case, without punctuation and needless white space. */
function canonical(text: string): string {
  return collapseWhitespace(text.toLowerCase().replace(PUNCTUATION, ""));
}

function build(json: object, config: object, where: string): BytePairModel {
  try {
    return bytePairModel(json, config);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new TokenizerNotSiglipError(where, got, "the vocabulary and text rules of a SentencePiece tokenizer", cause);
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
