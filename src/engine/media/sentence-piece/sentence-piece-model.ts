/** What a SentencePiece model makes of texts, with special tokens in them as Transformers finds them. */
import type { BytePairModel } from "../byte-pair-model.js";
import { bytePairCutter } from "./byte-pairs.js";
import { charsmapOf } from "./charsmap.js";
import { normalise, SPACE, type Standing, type TextRules } from "./normalise.js";
import { prefixMatch } from "./prefix-match.js";
import type { Piece, PieceType, SentencePieceFile } from "./read-model.js";
import { type Section, sectionCutter } from "./sections.js";
import { type Tokens, tokensOf } from "./special-tokens.js";
import { unigramCutter } from "./unigram.js";
import type { SentencePieceUse } from "./use.js";
import { byteNames, byteOf, textOfBytes } from "./utf8.js";
import type { Cutter } from "./vocabulary.js";

const CUT_INTO: readonly PieceType[] = ["normal", "user-defined", "unused"];

/** @file Source: the tokenizer that Transformers calls slow, which is SentencePiece itself on what is between special tokens. */
export class SentencePieceModel implements BytePairModel {
  readonly #file: SentencePieceFile;
  readonly #legacy: boolean;
  /** Whether a space goes before texts. */
  readonly #prefix: boolean;
  readonly #tokens: Tokens;
  readonly #sections: (text: string) => Section[];
  readonly #rules: TextRules;
  readonly #cut: Cutter;

  /** Throws TokenizerNotSentencePieceError, and TokenizerNotUsableError where a token that frames texts has no id; `where` names the file. */
  constructor(where: string, file: SentencePieceFile, use: SentencePieceUse) {
    const { pieces, charsmap, removeExtraSpaces } = file;
    this.#file = file;
    this.#legacy = use.legacy;
    this.#prefix = use.prefixSpace ?? file.dummyPrefix;
    this.#tokens = tokensOf(where, file, use);
    this.#sections = sectionCutter(this.#tokens.named);
    const symbol = prefixMatch(pieces.filter(({ type }) => type === "user-defined").map(({ text }) => text));
    this.#rules = { rewrite: charsmap && charsmapOf(where, charsmap), symbol, removeExtraSpaces };
    const cutter = file.kind === "unigram" ? unigramCutter : bytePairCutter;
    this.#cut = cutter({ pieces, ids: idsOf(pieces), symbol });
  }

  encode(text: string, { add_special_tokens: framed }: { add_special_tokens: boolean }): { ids: number[] } {
    const wellFormed = text.replace(/\p{Surrogate}/gu, "\uFFFD");
    const sections = this.#sections(this.#legacy ? wellFormed : wellFormed.replaceAll(SPACE, " "));
    const ids = sections.flatMap((section, i) => {
      if (typeof section !== "string") return [section.id];
      if (this.#legacy) return this.#idsOf(section, { prefix: this.#prefix, inside: false });
      const begins = i === 0 && this.#prefix && section !== "";
      // Spaces at the start of later sections count, and those after the one that is put there.
      const inside = begins || section.startsWith(" ");
      return this.#idsOf(begins ? SPACE + section : section, { prefix: false, inside });
    });
    return { ids: framed ? [...this.#tokens.before, ...ids, ...this.#tokens.after] : ids };
  }

  decode(ids: readonly number[]): string {
    const { texts, named } = this.#tokens;
    let text = "";
    let bytes: number[] = [];
    for (const id of ids) {
      const token = texts[id] ?? texts[this.#file.unknown]!;
      if (this.#file.pieces[id]?.type === "byte") {
        bytes.push(byteOf(token));
        continue;
      }
      text += textOfBytes(bytes) + (named.has(token) ? token : token.replaceAll(SPACE, " "));
      bytes = [];
    }
    text += textOfBytes(bytes);
    return this.#prefix ? text.replace(/^ /, "") : text;
  }

  token_to_id(token: string): number | undefined {
    return this.#tokens.ids.get(token);
  }

  id_to_token(id: number): string | undefined {
    return this.#tokens.texts[id];
  }

  get_vocab(): Map<string, number> {
    return new Map(this.#tokens.ids);
  }

  #idsOf(section: string, standing: Standing): number[] {
    const { byteFallback, unknown } = this.#file;
    const ids: number[] = [];
    let afterUnknown = false;
    for (const { text, id } of this.#cut(normalise(section, this.#rules, standing))) {
      if (id !== undefined) ids.push(id);
      else if (byteFallback) ids.push(...byteNames(text).map((name) => this.#tokens.ids.get(name)!));
      // What is unknown in a row is one token.
      else if (!afterUnknown) ids.push(unknown);
      afterUnknown = id === undefined;
    }
    return ids;
  }
}

const idsOf = (pieces: readonly Piece[]): Map<string, number> =>
  new Map(pieces.flatMap(({ text, type }, id) => (CUT_INTO.includes(type) ? [[text, id] as const] : [])));
