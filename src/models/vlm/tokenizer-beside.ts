/**
 * The tokenizer of a language model: `tokenizer.json`, or a SentencePiece model with what the files beside it say.
 *
 * @file Source: what Transformers' `LlamaTokenizer` takes from `tokenizer_config.json`, `special_tokens_map.json` and `added_tokens.json`,
 * and what it has where they say nothing.
 */
import { z } from "zod";
import {
  type LanguageTokenizer,
  languageTokenizerOf,
  sentencePieceTokenizerOf,
} from "../../engine/media/language-tokenizer.js";
import type { SentencePieceUse, SpecialToken } from "../../engine/media/sentence-piece/use.js";
import { TokenizerMissingError, TokenizerNotUsableError } from "../../engine/media/tokenizer-errors.js";
import { checkVocabulary, type ClipFiles } from "../clip/assemble.js";
import { off } from "../clip/config-file.js";
import { jsonBeside } from "./json-beside.js";

const MODEL = "tokenizer.model";
/** Of others, ids are not the pieces' places, or texts are prepared in another way. */
const CLASSES = ["LlamaTokenizer", "LlamaTokenizerFast"];

/** A token that is found only where no letters adjoin is not built. */
const flags = {
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
  single_word: off,
};
const token = z.union(
  [
    z.string().transform((content): SpecialToken => ({ content })),
    z.looseObject({ content: z.string(), ...flags }).transform(asSpecial),
  ],
  { error: "a token: its text, or an object with its content, and without single_word, which is not supported" },
);
const id = z.number().int().min(0).max(10_000_000);
const named = z.looseObject({
  bos_token: token.nullable().optional(),
  eos_token: token.nullable().optional(),
  unk_token: token.nullable().optional(),
  pad_token: token.nullable().optional(),
  additional_special_tokens: z.array(token).nullable().optional(),
});
const configSchema = named.extend({
  tokenizer_class: z.string().nullish(),
  legacy: z.boolean().nullish(),
  add_prefix_space: z.boolean().nullish(),
  add_bos_token: z.boolean().nullish(),
  add_eos_token: z.boolean().nullish(),
  added_tokens_decoder: z
    .record(z.string().regex(/^\d{1,8}$/), z.looseObject({ content: z.string(), ...flags }).transform(asSpecial))
    .nullish(),
  sp_model_kwargs: off,
});

/** `at` is the folder within the checkpoint's, with a slash. Throws `ModelConfigError` and the tokenizers' errors. */
export async function tokenizerBeside(files: ClipFiles, at: string, vocabulary: number): Promise<LanguageTokenizer> {
  const { folder, read, readBytes } = files;
  const [json, config] = [`${at}tokenizer.json`, `${at}tokenizer_config.json`];
  const text = await read(json);
  const model = text === undefined ? await readBytes(`${at}${MODEL}`) : undefined;
  const where = `${folder}/${model === undefined ? json : `${at}${MODEL}`}`;
  let tokenizer: LanguageTokenizer;
  if (text !== undefined) tokenizer = languageTokenizerOf({ where, text, config: await read(config) });
  else if (model !== undefined) tokenizer = sentencePieceTokenizerOf(where, model, await useBeside(files, at));
  else throw new TokenizerMissingError(where, undefined, `tokenizer.json or ${MODEL}`);
  checkVocabulary(where, tokenizer, vocabulary);
  return tokenizer;
}

async function useBeside(files: ClipFiles, at: string): Promise<SentencePieceUse> {
  const config = await jsonBeside(files, `${at}tokenizer_config.json`, configSchema);
  checkClass(`${files.folder}/${at}tokenizer_config.json`, config.tokenizer_class);
  const { added_tokens_decoder: listed } = config;
  const added = listed
    ? Object.entries(listed).map(([key, given]) => ({ ...given, id: Number(key) }))
    : await addedBeside(files, at);
  // Where the configuration lists the tokens it counts alone; of older ones the other file counts more.
  const tokens = listed ? config : { ...config, ...(await jsonBeside(files, `${at}special_tokens_map.json`, named)) };
  const { bos_token: start, eos_token: end, unk_token: unknown = { content: "<unk>" }, pad_token: padding } = tokens;
  return {
    legacy: config.legacy ?? true,
    ...(config.add_prefix_space == null ? {} : { prefixSpace: config.add_prefix_space }),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    addStart: config.add_bos_token ?? true,
    addEnd: config.add_eos_token ?? false,
    special: [unknown, padding, ...(tokens.additional_special_tokens ?? [])].filter((given) => given != null),
    added,
  };
}

async function addedBeside(files: ClipFiles, at: string): Promise<SentencePieceUse["added"]> {
  const added = await jsonBeside(files, `${at}added_tokens.json`, z.record(z.string().min(1), id));
  return Object.entries(added).map(([content, place]) => ({ content, id: place }));
}

function checkClass(where: string, name: string | null | undefined): void {
  if (name == null || CLASSES.includes(name)) return;
  throw new TokenizerNotUsableError(`${where}: tokenizer_class`, JSON.stringify(name), {
    expected: `${CLASSES[0]!}, for a ${MODEL} without a tokenizer.json`,
    fix: "convert it with Transformers, which writes a tokenizer.json",
  });
}

function asSpecial(given: {
  content: string;
  lstrip?: boolean | undefined;
  rstrip?: boolean | undefined;
}): SpecialToken {
  const { content, lstrip = false, rstrip = false } = given;
  return { content, lstrip, rstrip };
}
