/** What is told of a SentencePiece model outside of it. */

/** A token that texts may have as it stands. */
export interface SpecialToken {
  readonly content: string;
  /** Whether it takes the spaces before or after it. */
  readonly lstrip?: boolean;
  readonly rstrip?: boolean;
}

/** What Transformers' files beside a model say of its use. */
export interface SentencePieceUse {
  /**
   * Whether each part of a text between special tokens is a text of its own, with a space before it; else there is one before the
   * first alone, and only if no special token starts the text.
   */
  readonly legacy: boolean;
  /** Whether a space goes before texts; by default as the model says. */
  readonly prefixSpace?: boolean;
  /** By default the model's own; null for none. */
  readonly start?: SpecialToken | null;
  readonly end?: SpecialToken | null;
  /** Whether a text is framed by them. */
  readonly addStart: boolean;
  readonly addEnd: boolean;
  /** Further special tokens; those that have no id anywhere do not count. */
  readonly special: readonly SpecialToken[];
  /** Tokens that the model's pieces do not have. */
  readonly added: readonly (SpecialToken & { readonly id: number })[];
}
