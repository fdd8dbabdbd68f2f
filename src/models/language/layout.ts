/** Where checkpoints in Hugging Face's layouts keep the weights of a causal language model. */
import { blockIndices, type Shaped, type TensorSource } from "../clip/tensor-source.js";
import type { LanguageConfig } from "./config.js";
import { takeQuantised } from "./quantised.js";
import type { LanguageBlockWeights, LanguageLinear, LanguageWeights } from "./weights.js";

/** Names that the model's tensors begin with, and the name of the map to the vocabulary. */
export interface LanguageNames {
  /** "model." in a language model alone. */
  readonly prefix: string;
  readonly head: string;
}

export type LanguageSizes = Pick<LanguageConfig, "heads" | "keyHeads" | "headWidth" | "hidden">;

/** Throws `MissingTensorError`, `WeightShapeError`. Without a map to the vocabulary of its own, the embedding serves. */
export function languageWeights<T extends Shaped>(
  source: TensorSource<T>,
  { prefix, head }: LanguageNames,
  { heads, keyHeads, headWidth, hidden }: LanguageSizes,
): LanguageWeights<T> {
  const { take, has } = source;
  const tokens = take(`${prefix}embed_tokens.weight`, [undefined, undefined]);
  const [vocabulary, width] = tokens.shape as [number, number];

  const linear = (name: string, out: number, from: number): LanguageLinear<T> => ({
    weight: takeQuantised(source, `${name}.weight`, out, from) ?? take(`${name}.weight`, [out, from]),
    ...(has(`${name}.bias`) ? { bias: take(`${name}.bias`, [out]) } : {}),
  });
  const block = (i: number): LanguageBlockWeights<T> => {
    const at = `${prefix}layers.${i}`;
    return {
      norm1: take(`${at}.input_layernorm.weight`, [width]),
      q: linear(`${at}.self_attn.q_proj`, heads * headWidth, width),
      k: linear(`${at}.self_attn.k_proj`, keyHeads * headWidth, width),
      v: linear(`${at}.self_attn.v_proj`, keyHeads * headWidth, width),
      out: linear(`${at}.self_attn.o_proj`, width, heads * headWidth),
      norm2: take(`${at}.post_attention_layernorm.weight`, [width]),
      gate: linear(`${at}.mlp.gate_proj`, hidden, width),
      up: linear(`${at}.mlp.up_proj`, hidden, width),
      down: linear(`${at}.mlp.down_proj`, width, hidden),
    };
  };
  return {
    tokens,
    blocks: blockIndices(source, `${prefix}layers`).map(block),
    finalNorm: take(`${prefix}norm.weight`, [width]),
    head: takeQuantised(source, head, vocabulary, width) ?? (has(head) ? take(head, [vocabulary, width]) : tokens),
  };
}
