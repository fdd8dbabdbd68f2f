/** What brings the tokens of a vision tower into a language model: two linear maps (LLaVA), or a Q-Former (InstructBLIP). */
import { UsageError } from "../../engine/errors.js";
import { input, weight } from "../../engine/graph/ops/leaves.js";
import type { Value } from "../../engine/graph/value.js";
import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { intTensor, type Tensor } from "../../engine/tensor/tensor.js";
import { isStored, mapWeights } from "../clip/weights.js";
import { projected, type ProjectorWeights } from "./projector.js";
import { queried, type QueryFormerConfig, type QueryFormerWeights } from "./query-former.js";

export interface Projector {
  readonly kind: "projector";
  readonly weights: ProjectorWeights<StoredTensor>;
}

export interface QueryFormer {
  readonly kind: "queries";
  readonly weights: QueryFormerWeights<StoredTensor>;
  readonly config: QueryFormerConfig;
  readonly tokenizer: LanguageTokenizer;
}

export type Bridge = Projector | QueryFormer;

/** How a prompt's image tokens come about. */
export interface Bridged {
  /** One key, one graph. */
  readonly key: string;
  readonly imageTokens: number;
  /** Image tokens [1,imageTokens,D] of the tower's [1,P,width]. */
  readonly embed: (seen: Value) => Value;
  readonly inputs: Readonly<Record<string, Tensor>>;
}

const toValues = <W>(weights: W) => mapWeights(weights, isStored, (stored: StoredTensor): Value => weight(stored));

/** `text` is what a Q-Former reads: all of the prompt but the picture. Throws `UsageError` for one that is too long for it. */
export function bridged(bridge: Bridge, seenTokens: number, text: string): Bridged {
  if (bridge.kind === "projector") {
    const embed = (seen: Value): Value => projected(seen, toValues(bridge.weights));
    return { key: "projector", imageTokens: seenTokens, embed, inputs: {} };
  }
  const { weights, config, tokenizer } = bridge;
  const ids = tokenizer.encodeFramed(text);
  const longest = weights.position.shape[0]!;
  if (ids.length > longest) {
    throw new UsageError({
      what: "the question is longer than what the model's queries read",
      got: `${ids.length} tokens`,
      expected: `at most ${longest}`,
      fix: "ask less",
    });
  }
  return {
    key: `queries:${ids.length}`,
    imageTokens: weights.queries.shape[0]!,
    embed: (seen) => queried(seen, input("asked", [1, ids.length], "int32"), toValues(weights), config),
    inputs: { asked: intTensor(Int32Array.from(ids), [1, ids.length]) },
  };
}
