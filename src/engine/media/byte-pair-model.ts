import { Tokenizer } from "@huggingface/tokenizers";

/** What is used of the library's tokenizer. Its own declarations do not resolve under Node's module rules. */
export interface BytePairModel {
  encode(text: string, options: { add_special_tokens: boolean }): { readonly ids: number[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  token_to_id(token: string): number | undefined;
  id_to_token(id: number): string | undefined;
  get_vocab(): Map<string, number>;
}

/** Builds it from the parsed tokenizer.json and tokenizer_config.json. Throws whatever the library throws on bad input. */
export function bytePairModel(json: object, config: object): BytePairModel {
  const Library = Tokenizer as new (json: object, config: object) => BytePairModel;
  return new Library(json, config);
}
