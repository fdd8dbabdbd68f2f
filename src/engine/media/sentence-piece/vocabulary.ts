/** What the ways of cutting texts need to know of a model's pieces. */
import type { PrefixMatch } from "./prefix-match.js";
import type { Piece } from "./read-model.js";

export interface Vocabulary {
  readonly pieces: readonly Piece[];
  /** Ids of the pieces that texts are cut into: not of control symbols and bytes. */
  readonly ids: ReadonlyMap<string, number>;
  /** Finds the symbols that are never cut. */
  readonly symbol: PrefixMatch;
}

/** A part of a text, and its piece where it has one. */
export interface Cut {
  readonly text: string;
  readonly id: number | undefined;
}

export type Cutter = (text: string) => Cut[];
