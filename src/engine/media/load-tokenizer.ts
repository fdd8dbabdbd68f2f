import { readFile } from "node:fs/promises";
import { parseTokenizer, type Tokenizer } from "./clip-tokenizer.js";
import { parsePieceTokenizer, type PieceTokenizer } from "./piece-tokenizer.js";
import { parsed } from "./tokenizer.js";
import { TokenizerMissingError, TokenizerNotReadableError } from "./tokenizer-errors.js";

/**
 * Loads a CLIP model's tokenizer from the path or the parsed content of its tokenizer.json; `config` likewise, for
 * tokenizer_config.json. Throws TokenizerMissingError, TokenizerNotReadableError, TokenizerNotJsonError or
 * TokenizerNotClipError.
 */
export async function loadTokenizer(source: string | object, config: string | object = {}): Promise<Tokenizer> {
  const where = typeof source === "string" ? source : "tokenizer";
  return parseTokenizer(await content(source), await content(config), where);
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
  return parsePieceTokenizer(await content(source), await content(config), where);
}

async function content(source: string | object): Promise<unknown> {
  return typeof source === "string" ? parsed(source, await readTokenizerText(source)) : source;
}

/** Throws TokenizerMissingError or TokenizerNotReadableError. */
export async function readTokenizerText(path: string): Promise<string> {
  return (await readTokenizerBytes(path)).toString("utf8");
}

/** The same, of a tokenizer that is no text. */
export async function readTokenizerBytes(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    if (code === "ENOENT" || code === "ENOTDIR") throw new TokenizerMissingError(path, cause);
    throw new TokenizerNotReadableError(path, code === "EISDIR" ? "a directory" : code, cause);
  }
}
