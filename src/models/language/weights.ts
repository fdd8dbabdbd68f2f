/**
 * The weights of a causal language model under one set of names.
 *
 * @file `T` is {@link StoredTensor} for weights at rest and {@link Value} for weights in a graph. Letters: D width, F width of the MLP,
 * H heads, K heads of keys, d head width, V vocabulary.
 */

import type { QuantisedMatrix } from "../../engine/graph/ops/quantised-linear.js";

export interface LanguageLinear<T> {
  /** [out, in] */
  readonly weight: T | QuantisedMatrix;
  /** [out] */
  readonly bias?: T;
}

export interface LanguageBlockWeights<T> {
  /** [D] */
  readonly norm1: T;
  /** [H·d, D]; keys and values [K·d, D] */
  readonly q: LanguageLinear<T>;
  readonly k: LanguageLinear<T>;
  readonly v: LanguageLinear<T>;
  /** [D, H·d] */
  readonly out: LanguageLinear<T>;
  /** [D] */
  readonly norm2: T;
  /** What is activated, and what it is multiplied with: [F, D]. */
  readonly gate: LanguageLinear<T>;
  readonly up: LanguageLinear<T>;
  /** [D, F] */
  readonly down: LanguageLinear<T>;
}

export interface LanguageWeights<T> {
  /** [V, D] */
  readonly tokens: T;
  readonly blocks: readonly LanguageBlockWeights<T>[];
  /** [D] */
  readonly finalNorm: T;
  /** [V, D]; the same tensor as `tokens` where both are one. */
  readonly head: T | QuantisedMatrix;
}
