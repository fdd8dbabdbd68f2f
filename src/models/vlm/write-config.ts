import type { LanguageConfig } from "../language/config.js";
import type { EraseDefaults, VlmConfig } from "./config.js";

export interface TowerChoice {
  /** The model that sees, by reference. */
  readonly tower: string;
  /** Which of its tokens are read; by default, as LLaVA does. */
  readonly layer?: number;
}

export interface OwnConfig {
  readonly prompt: string;
  /** Whether the map to the vocabulary is the embedding; default false. */
  readonly tied?: boolean;
  readonly erase?: EraseDefaults;
  readonly belief?: NonNullable<VlmConfig["belief"]>;
}

/** The content of config.json in LLaVA's original layout, of a model of the Llama family. */
export function llavaConfig(
  language: LanguageConfig,
  { tower, layer = -2 }: TowerChoice,
  { tied = false, ...own }: OwnConfig,
): object {
  return {
    model_type: "llava",
    ...languageJson(language),
    tie_word_embeddings: tied,
    mm_vision_tower: tower,
    mm_vision_select_layer: layer,
    mm_vision_select_feature: "patch",
    mm_projector_type: "mlp2x_gelu",
    ...own,
  };
}

/** What a configuration says of a language model of the Llama family. */
export function languageJson(language: LanguageConfig): object {
  return {
    hidden_size: language.width,
    intermediate_size: language.hidden,
    num_hidden_layers: language.layers,
    num_attention_heads: language.heads,
    num_key_value_heads: language.keyHeads,
    head_dim: language.headWidth,
    vocab_size: language.vocabulary,
    max_position_embeddings: language.contextLength,
    rms_norm_eps: language.epsilon,
    rope_theta: language.rotary.theta,
    hidden_act: "silu",
    bos_token_id: language.startToken,
    eos_token_id: language.endTokens[0],
    tie_word_embeddings: false,
  };
}
