import { readFile } from "node:fs/promises";
import { parseTokenizer, type Tokenizer } from "./clip-tokenizer.js";
import { parsePieceTokenizer, type PieceTokenizer } from "./piece-tokenizer.js";
import { TokenizerMissingError, TokenizerNotJsonError, TokenizerNotReadableError } from "./tokenizer-errors.js";

export type { Tokenizer };

/** What gives a text tower its ids: CLIP's byte pairs, or SigLIP's pieces. */
export type TextTokenizer = Pick<Tokenizer, "encode" | "vocabularySize"> & Partial<Pick<Tokenizer, "words">>;

/**
 * Loads a CLIP model's tokenizer from the path or the parsed content of its tokenizer.json; `config` likewise, for
 * tokenizer_config.json. Throws TokenizerMissingError, TokenizerNotReadableError, TokenizerNotJsonError or
 * TokenizerNotClipError.
 */
export async function loadTokenizer(source: string | object, config: string | object = {}): Promise<Tokenizer> {
  const where = typeof source === "string" ? source : "tokenizer";
  return parseTokenizer(await parsed(source), await parsed(config), where);
}

/**
 * Loads a SigLIP model's tokenizer; sources as for {@link loadTokenizer}. Throws TokenizerMissingError, TokenizerNotReadableError, TokenizerNotJsonError or
 * TokenizerNotSiglipError.
 */
export async function loadPieceTokenizer(
  source: string | object,
  config: string | object = {},
): Promise<PieceTokenizer> {
  const where = typeof source === "string" ? source : "tokenizer";
  return parsePieceTokenizer(await parsed(source), await parsed(config), where);
}

async function parsed(source: string | object): Promise<unknown> {
  if (typeof source !== "string") return source;
  const text = await readText(source);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const got = text.startsWith("version https://git-lfs") ? "a Git LFS pointer" : (cause as Error).message;
    throw new TokenizerNotJsonError(source, text === "" ? "an empty file" : got, cause);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (code === "ENOENT" || code === "ENOTDIR") throw new TokenizerMissingError(path, cause);
    throw new TokenizerNotReadableError(path, code === "EISDIR" ? "a directory" : code, cause);
  }
}
