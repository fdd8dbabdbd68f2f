/** Finds the objects that a caption names, by a table of synonyms. */
import { type ChairMode, singular } from "./singular.js";

/** What names which object. */
export interface ObjectTable {
  /** For each object all words that name it, singular and in lower case. */
  readonly objects: Readonly<Record<string, readonly string[]>>;
  /** Pairs of words that count as one, and what they count as: "hot dog", "baby bird" → "bird". */
  readonly doubleWords: Readonly<Record<string, string>>;
}

export interface Mention {
  /** The word as the table has it. */
  readonly word: string;
  readonly object: string;
  /** Where it stands in the caption, in UTF-16 code units: from `start` up to and without `end`. */
  readonly start: number;
  readonly end: number;
}

/** Each word once, in the order in which they come. */
export const distinctWords = (mentions: readonly Pick<Mention, "word">[]): string[] => [
  ...new Set(mentions.map(({ word }) => word)),
];

interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** Words with their hyphens, and single characters of anything else: as an English word tokenizer does, for what counts here. */
const TOKEN = /[a-z]+(?:-[a-z]+)*|[^\sa-z]/g;

/** Finds mentions of the objects of a table in captions. */
export class ObjectWords {
  readonly #objectOf = new Map<string, string>();
  readonly #doubleWords: ReadonlyMap<string, string>;
  readonly #mode: ChairMode;

  constructor({ objects, doubleWords }: ObjectTable, mode: ChairMode) {
    this.#mode = mode;
    this.#doubleWords = new Map(Object.entries(doubleWords));
    for (const [object, words] of Object.entries(objects)) {
      // The public table begins and ends with an empty line, which is not an object.
      for (const word of words) if (word !== "") this.#objectOf.set(mode === "fixed" ? word.trim() : word, object);
    }
  }

  /** In the order of the caption. An object that is named twice is there twice. */
  mentions(caption: string): Mention[] {
    const words = this.#joined(this.#tokens(caption));
    // "The seat of the toilet" is no chair.
    const toilet = words.some(({ word }) => word === "toilet");
    return words.flatMap((token) => {
      const object = toilet && token.word === "seat" ? undefined : this.#objectOf.get(token.word);
      return object === undefined ? [] : [{ ...token, object }];
    });
  }

  #tokens(caption: string): Token[] {
    // Lower case character by character: positions stay those of the caption.
    const lower = caption.replace(/\p{Lu}/gu, (letter) => {
      const small = letter.toLowerCase();
      return small.length === letter.length ? small : letter;
    });
    return [...lower.matchAll(TOKEN)].map(({ 0: word, index }) => ({
      word: this.#singular(word),
      start: index,
      end: index + word.length,
    }));
  }

  /** A word that is in the table is singular already ("skis"), but for the mistakes of `strict`. */
  #singular(word: string): string {
    return this.#mode === "fixed" && this.#objectOf.has(word) ? word : singular(word, this.#mode);
  }

  #joined(tokens: readonly Token[]): Token[] {
    const joined: Token[] = [];
    for (let i = 0; i < tokens.length; i++) {
      const [first, second] = [tokens[i]!, tokens[i + 1]];
      const word = second && this.#doubleWords.get(`${first.word} ${second.word}`);
      if (word !== undefined) i++;
      joined.push(word === undefined ? first : { word, start: first.start, end: second!.end });
    }
    return joined;
  }
}
