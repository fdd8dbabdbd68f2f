import { type BytePairModel, bytePairModel } from "./byte-pair-model.js";
import { readSentencePieceModel } from "./sentence-piece/read-model.js";
import { SentencePieceModel } from "./sentence-piece/sentence-piece-model.js";
import type { SentencePieceUse } from "./sentence-piece/use.js";
import { parsed, type TokenizerText } from "./tokenizer.js";
import { TokenizerNotUsableError } from "./tokenizer-errors.js";

/** The tokenizer of a language model, of any kind that a tokenizer.json or a SentencePiece model describes. */
export class LanguageTokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  readonly #model: BytePairModel;

  constructor(model: BytePairModel) {
    this.#model = model;
    this.vocabularySize = 1 + [...model.get_vocab()].reduce((largest, [, id]) => Math.max(largest, id), 0);
  }

  /**
   * The token that the tokenizer itself puts before a text, if it puts one there. Tokenizers that name a start token and yet put none
   * (Qwen2's) are the reason to ask.
   */
  startToken(): number | undefined {
    const text = "a";
    const bare = this.encode(text);
    const framed = this.#model.encode(text, { add_special_tokens: true }).ids;
    const before = framed.findIndex((_, i) => bare.every((id, j) => framed[i + j] === id));
    return before > 0 ? framed[before - 1] : undefined;
  }

  /** Ids of a text, with the tokens that start and end one: as models take it that read whole texts. */
  encodeFramed(text: string): number[] {
    return this.#model.encode(text, { add_special_tokens: true }).ids;
  }

  /** Ids of a text, without the tokens that start and end one. */
  encode(text: string): number[] {
    return text === "" ? [] : this.#model.encode(text, { add_special_tokens: false }).ids;
  }

  decode(ids: readonly number[]): string {
    return ids.length === 0 ? "" : this.#model.decode([...ids], { clean_up_tokenization_spaces: false }).trim();
  }

  idOf(token: string): number | undefined {
    return this.#model.token_to_id(token);
  }

  /** The token as the vocabulary spells it ("▁dog", "dog</w>"). */
  tokenOf(id: number): string | undefined {
    return this.#model.id_to_token(id);
  }
}

/** Throws TokenizerNotJsonError or TokenizerNotUsableError. */
export function languageTokenizerOf({ where, text, config = "{}" }: TokenizerText): LanguageTokenizer {
  const [json, settings] = [parsed(where, text), parsed(where, config)];
  try {
    return new LanguageTokenizer(bytePairModel(json as object, settings as object));
  } catch (cause) {
    throw new TokenizerNotUsableError(where, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/**
 * As {@link languageTokenizerOf}, of a `tokenizer.model` of SentencePiece and what the files beside it say of its use. Throws
 * TokenizerNotSentencePieceError or TokenizerNotUsableError; `where` names the file.
 */
export function sentencePieceTokenizerOf(where: string, model: Uint8Array, use: SentencePieceUse): LanguageTokenizer {
  return new LanguageTokenizer(new SentencePieceModel(where, readSentencePieceModel(where, model), use));
}
