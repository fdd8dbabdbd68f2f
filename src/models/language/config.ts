/** What defines a causal language model beside its weights. */

export interface LanguageConfig {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values: each serves `heads / keyHeads` heads of queries. */
  readonly keyHeads: number;
  readonly headWidth: number;
  /** Width of the MLP. */
  readonly hidden: number;
  readonly vocabulary: number;
  /** Longest sequence, in tokens. */
  readonly contextLength: number;
  /** Added to the mean square in norms. */
  readonly epsilon: number;
  readonly rotary: RotaryConfig;
  readonly startToken?: number;
  /** Any of these ends a text. */
  readonly endTokens: readonly number[];
}

/** Rotary positions (Su et al. 2021): pair i of a head's numbers turns by `theta ** (-2i / headWidth)` a token. */
export interface RotaryConfig {
  readonly theta: number;
  readonly scaling?: RotaryScaling;
}

/** For contexts longer than those of training: all angles smaller, or those of slow pairs alone (Llama 3). */
export type RotaryScaling =
  | { readonly kind: "linear"; readonly factor: number }
  | {
      readonly kind: "llama3";
      readonly factor: number;
      readonly lowFactor: number;
      readonly highFactor: number;
      readonly trainedLength: number;
    };
