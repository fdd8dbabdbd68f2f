/** Which tokens have which ids, and which of them texts may have as they stand. */
import { TokenizerNotUsableError } from "../tokenizer-errors.js";
import type { SentencePieceFile } from "./read-model.js";
import type { SentencePieceUse, SpecialToken } from "./use.js";

export type NamedToken = SpecialToken & { readonly id: number };

export interface Tokens {
  readonly ids: ReadonlyMap<string, number>;
  /** By id; there may be gaps. */
  readonly texts: readonly (string | undefined)[];
  /** Those that are found in texts, by what they are called. */
  readonly named: ReadonlyMap<string, NamedToken>;
  /** What frames a text. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Throws TokenizerNotUsableError where a token that frames texts has no id; `where` names the file. */
export function tokensOf(where: string, { pieces, ...file }: SentencePieceFile, use: SentencePieceUse): Tokens {
  const ids = new Map(pieces.map(({ text }, id) => [text, id]));
  const texts: (string | undefined)[] = pieces.map(({ text }) => text);
  for (const { id, content } of use.added) {
    ids.set(content, id);
    texts[id] = content;
  }
  const start = use.start === undefined ? asToken(file.start) : use.start;
  const end = use.end === undefined ? asToken(file.end) : use.end;
  const control = pieces.filter(({ type }) => type === "control").map(({ text }) => ({ content: text }));
  const named = new Map<string, NamedToken>();
  for (const token of [...control, start, end, ...use.special, ...use.added]) {
    const id = token === null ? undefined : ids.get(token.content);
    if (token !== null && id !== undefined) named.set(token.content, { ...token, id });
  }
  const framing = (token: SpecialToken | null, adds: boolean): number[] => {
    if (!adds || token === null) return [];
    const id = ids.get(token.content);
    if (id === undefined) throw noSuchToken(where, token.content);
    return [id];
  };
  return { ids, texts, named, before: framing(start, use.addStart), after: framing(end, use.addEnd) };
}

const asToken = (content: string | undefined): SpecialToken | null => (content === undefined ? null : { content });

function noSuchToken(where: string, token: string): TokenizerNotUsableError {
  return new TokenizerNotUsableError(where, `no ${JSON.stringify(token)}`, {
    expected: "the tokens that start and end texts, as tokenizer_config.json names them",
    fix: "get tokenizer.model, tokenizer_config.json and added_tokens.json again, from one page",
  });
}
