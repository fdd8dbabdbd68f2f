/**
 * The tokens that start and end texts: the tokenizer's own, where it says so, else the configuration's.
 *
 * @file Published configurations are wrong about them at times: InstructBLIP's says 0 and 1 where its model was trained with "</s>", 2,
 * for both, as its tokenizer has it.
 */
import { z } from "zod";
import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";
import type { ClipFiles } from "../clip/assemble.js";
import type { LanguageConfig } from "../language/config.js";
import { jsonBeside } from "./json-beside.js";

const token = z
  .union([z.string(), z.looseObject({ content: z.string() })])
  .transform((given) => (typeof given === "string" ? given : given.content));
const tokenizerSchema = z.looseObject({
  add_bos_token: z.boolean().nullish(),
  eos_token: token.nullish(),
});
const tokenId = z.number().int().min(0);
const generationSchema = z.looseObject({ eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish() });

/** Throws `ModelConfigError` for a file that is no JSON or says something else. */
export async function framingTokens(
  files: ClipFiles,
  config: LanguageConfig,
  tokenizer: LanguageTokenizer,
): Promise<LanguageConfig> {
  const settings = await jsonBeside(files, "tokenizer_config.json", tokenizerSchema);
  const generation = await jsonBeside(files, "generation_config.json", generationSchema);
  const { startToken: configured, ...rest } = config;
  const start = tokenizer.startToken() ?? (settings.add_bos_token === false ? undefined : configured);
  const named = settings.eos_token == null ? undefined : tokenizer.idOf(settings.eos_token);
  const ends = [
    ...config.endTokens,
    ...[generation.eos_token_id ?? []].flat(),
    ...(named === undefined ? [] : [named]),
  ];
  return { ...rest, ...(start === undefined ? {} : { startToken: start }), endTokens: [...new Set(ends)] };
}
