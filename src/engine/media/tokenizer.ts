import { parseTokenizer, type Tokenizer } from "./clip-tokenizer.js";
import { parsePieceTokenizer, type PieceTokenizer } from "./piece-tokenizer.js";
import { TokenizerNotJsonError } from "./tokenizer-errors.js";

export type { Tokenizer };

/** What gives a text tower its ids: CLIP's byte pairs, or SigLIP's pieces. */
export type TextTokenizer = Pick<Tokenizer, "encode" | "vocabularySize"> & Partial<Pick<Tokenizer, "words">>;

/** The text of a tokenizer.json, with that of the tokenizer_config.json beside it where it matters; `where` is for messages. */
export interface TokenizerText {
  readonly where: string;
  readonly text: string;
  readonly config?: string | undefined;
}

/** Throws TokenizerNotJsonError or TokenizerNotClipError. */
export function clipTokenizerOf({ where, text, config = "{}" }: TokenizerText): Tokenizer {
  return parseTokenizer(parsed(where, text), parsed(where, config), where);
}

/** Throws TokenizerNotJsonError or TokenizerNotSiglipError. */
export function pieceTokenizerOf({ where, text, config = "{}" }: TokenizerText): PieceTokenizer {
  return parsePieceTokenizer(parsed(where, text), parsed(where, config), where);
}

/** Content of a tokenizer's JSON file. Throws TokenizerNotJsonError. */
export function parsed(where: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const got = text.startsWith("version https://git-lfs") ? "a Git LFS pointer" : (cause as Error).message;
    throw new TokenizerNotJsonError(where, text === "" ? "an empty file" : got, cause);
  }
}
