import { UsageError } from "../errors.js";
import { type BytePairModel, bytePairModel } from "./byte-pair-model.js";
import { intTensor, type Tensor } from "../tensor/tensor.js";
import { cleanClipText } from "./clip-text.js";
import { type TokenWord, wordSpans } from "./token-words.js";
import { TokenizerContextTooShortError, TokenizerNotClipError } from "./tokenizer-errors.js";

export interface EncodeOptions {
  /** Tokens per text, start and end included; 77 unless told. */
  readonly contextLength?: number;
  /** Fills the row after the end token. 0 (OpenAI, OpenCLIP) unless told; Hugging Face fills with the end token. */
  readonly padId?: number;
}

const DEFAULT_CONTEXT = 77;
const SHORTEST_CONTEXT = 3;
const START_NAMES = ["<|startoftext|>", "<start_of_text>"];
const END_NAMES = ["<|endoftext|>", "<end_of_text>"];

/** CLIP's byte-pair tokenizer. Made by {@link parseTokenizer} or `loadTokenizer`. */
export class Tokenizer {
  /** One more than the largest id. */
  readonly vocabularySize: number;
  readonly #longestToken: number;

  constructor(
    private readonly bpe: BytePairModel,
    readonly startId: number,
    readonly endId: number,
  ) {
    const vocabulary = [...bpe.get_vocab()];
    this.vocabularySize = 1 + vocabulary.reduce((largest, [, id]) => Math.max(largest, id), 0);
    this.#longestToken = vocabulary.reduce((longest, [token]) => Math.max(longest, token.length), 1);
  }

  /**
   * Token ids [B,contextLength]: start, the text's tokens, end, padding. A text that is too long is cut and its last token
   * is the end token. Throws TokenizerContextTooShortError below 3; UsageError when `padId` is not in the vocabulary.
   */
  encode(texts: readonly string[], options: EncodeOptions = {}): Tensor<"int32"> {
    const { contextLength = DEFAULT_CONTEXT, padId = 0 } = options;
    if (!Number.isSafeInteger(contextLength) || contextLength < SHORTEST_CONTEXT) {
      throw new TokenizerContextTooShortError(contextLength);
    }
    if (!Number.isSafeInteger(padId) || padId < 0 || padId >= this.vocabularySize) {
      const expected = `a token id below ${this.vocabularySize}`;
      throw new UsageError({ what: "unusable padId", got: String(padId), expected });
    }
    const out = new Int32Array(texts.length * contextLength).fill(padId);
    // The kept tokens cover half of this at most; the rest is margin, so that merges at the cut change none of them.
    const legible = 2 * contextLength * this.#longestToken;
    texts.forEach((text, row) => {
      const { ids } = this.bpe.encode(cleanClipText(text).slice(0, legible), { add_special_tokens: false });
      const kept = ids.slice(0, contextLength - 2);
      out.set([this.startId, ...kept, this.endId], row * contextLength);
    });
    return intTensor(out, [texts.length, contextLength]);
  }

  /**
   * The words of a text, which white space separates, and the tokens of its row that stand for each. Of a text that is too long, the last
   * word may have fewer tokens than it needs, and words after it are left out.
   */
  words(text: string, { contextLength = DEFAULT_CONTEXT }: EncodeOptions = {}): TokenWord[] {
    const { data } = this.encode([text], { contextLength });
    const ids = [...data.subarray(1, data.indexOf(this.endId))];
    return wordSpans(
      cleanClipText(text),
      ids.map((id) => this.bpe.id_to_token(id)!),
    );
  }

  /** The text that the ids of one row stand for: what lies between the start and the first end token. */
  decode(ids: ArrayLike<number>): string {
    const words = this.content(ids);
    return words.length === 0 ? "" : this.bpe.decode(words, { clean_up_tokenization_spaces: false }).trim();
  }

  /** One string for each of the row's tokens up to the first end token, as people read them ("caf", "é"), for display. */
  tokenStrings(ids: ArrayLike<number>): string[] {
    const row = Array.from(ids);
    const end = row.indexOf(this.endId);
    return (end < 0 ? row : row.slice(0, end + 1)).map((id) =>
      id === this.startId || id === this.endId
        ? this.bpe.id_to_token(id)!
        : this.bpe.decode([id], { clean_up_tokenization_spaces: false }).trim(),
    );
  }

  private content(ids: ArrayLike<number>): number[] {
    const row = Array.from(ids);
    const end = row.indexOf(this.endId);
    return (end < 0 ? row : row.slice(0, end)).filter((id) => id !== this.startId);
  }
}

/**
 * Reads the parsed content of a CLIP model's tokenizer.json. `config` (tokenizer_config.json) names the start and end
 * tokens where they are not CLIP's usual ones. Throws TokenizerNotClipError; `where` names the file in its message.
 */
export function parseTokenizer(json: unknown, config: unknown = {}, where = "tokenizer"): Tokenizer {
  const model = asRecord(asRecord(json)["model"]);
  if (model["type"] !== "BPE" || model["end_of_word_suffix"] !== "</w>") {
    const got = `model ${show(model["type"])}, end-of-word suffix ${show(model["end_of_word_suffix"])}`;
    throw new TokenizerNotClipError(where, got, 'model "BPE", end-of-word suffix "</w>"');
  }
  const bpe = buildBpe(asRecord(json), asRecord(config), where);
  const settings = asRecord(config);
  const startId = specialId(bpe, settings["bos_token"], START_NAMES, "start", where);
  const endId = specialId(bpe, settings["eos_token"], END_NAMES, "end", where);
  return new Tokenizer(bpe, startId, endId);
}

function buildBpe(json: Record<string, unknown>, config: Record<string, unknown>, where: string): BytePairModel {
  try {
    return bytePairModel(json, config);
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : String(cause);
    throw new TokenizerNotClipError(where, got, "vocabulary, merges and text rules of a byte-pair tokenizer", cause);
  }
}

function specialId(bpe: BytePairModel, named: unknown, usual: string[], role: string, where: string): number {
  const name = typeof named === "string" ? named : asRecord(named)["content"];
  const names = typeof name === "string" ? [name, ...usual] : usual;
  const id = names.map((token) => bpe.token_to_id(token)).find((found) => found !== undefined);
  if (id !== undefined) return id;
  throw new TokenizerNotClipError(where, `no ${role} token`, names.join(" or ") + " in the vocabulary");
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function show(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
