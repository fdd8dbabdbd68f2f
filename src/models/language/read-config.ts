/**
 * Hugging Face's `config.json` of causal language models: Llama (and Vicuna, which is one), Mistral without windows, Qwen2.
 *
 * @file Absent keys mean the defaults of Transformers' `LlamaConfig`, `MistralConfig` and `Qwen2Config`.
 */
import { z } from "zod";
import { type ConfigFile, epsilon, ignored, parseConfig, size, unsupportedConfig } from "../clip/config-file.js";
import type { LanguageConfig, RotaryConfig, RotaryScaling } from "./config.js";

const factor = z.number().min(1).max(10_000);
const scalingSchema = z.object({
  rope_type: z.string().nullish(),
  /** The key's name before 2024. */
  type: z.string().nullish(),
  factor: factor.nullish(),
  low_freq_factor: factor.nullish(),
  high_freq_factor: factor.nullish(),
  original_max_position_embeddings: size.nullish(),
  rope_theta: z.number().nullish(),
});
const tokenId = z.number().int().min(0);

const schema = z.object({
  model_type: z.enum(["llama", "vicuna", "mistral", "qwen2"], { error: "llama, mistral or qwen2" }),
  hidden_size: z
    .number()
    .int()
    .min(1)
    .max(1 << 20)
    .nullish(),
  intermediate_size: z
    .number()
    .int()
    .min(1)
    .max(1 << 22)
    .nullish(),
  num_hidden_layers: size.nullish(),
  num_attention_heads: size.nullish(),
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  vocab_size: z
    .number()
    .int()
    .min(1)
    .max(1 << 24)
    .nullish(),
  max_position_embeddings: z
    .number()
    .int()
    .min(1)
    .max(1 << 24)
    .nullish(),
  rms_norm_eps: epsilon.nullish(),
  rope_theta: z.number().min(1).max(1e12).nullish(),
  rope_scaling: scalingSchema.nullish(),
  /** The key's name since Transformers 5. */
  rope_parameters: scalingSchema.nullish(),
  hidden_act: z.literal("silu", { error: "silu" }).nullish(),
  sliding_window: z.number().nullish(),
  use_sliding_window: z.boolean().nullish(),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).min(1)]).nullish(),
  tie_word_embeddings: ignored,
});

type Given = z.infer<typeof schema>;

/** Sizes that files of each family leave out when they are these. */
const DEFAULTS: Readonly<Record<Given["model_type"], Readonly<Record<string, number>>>> = {
  llama: { contextLength: 2048, epsilon: 1e-6, theta: 10_000, startToken: 1, endToken: 2 },
  vicuna: { contextLength: 2048, epsilon: 1e-6, theta: 10_000, startToken: 1, endToken: 2 },
  mistral: { contextLength: 131_072, epsilon: 1e-6, theta: 10_000, keyHeads: 8, startToken: 1, endToken: 2 },
  qwen2: { contextLength: 32_768, epsilon: 1e-6, theta: 10_000 },
};
const SIZES = {
  hidden_size: 4096,
  intermediate_size: 11_008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  vocab_size: 32_000,
};

/** Throws `ModelConfigError`. */
export function languageConfig(file: ConfigFile): LanguageConfig {
  const given = parseConfig(file, schema);
  const defaults = DEFAULTS[given.model_type];
  const heads = given.num_attention_heads ?? SIZES.num_attention_heads;
  const width = given.hidden_size ?? SIZES.hidden_size;
  const keyHeads = given.num_key_value_heads ?? defaults["keyHeads"] ?? heads;
  const headWidth = given.head_dim ?? width / heads;
  if (heads % keyHeads !== 0) {
    throw unsupportedConfig(file.path, "num_key_value_heads", keyHeads, `a number that divides ${heads} heads`);
  }
  if (!Number.isInteger(headWidth) || headWidth % 2 !== 0) {
    throw unsupportedConfig(file.path, "head_dim", headWidth, "an even number of numbers a head");
  }
  if (given.model_type === "mistral" && given.sliding_window != null) {
    throw unsupportedConfig(
      file.path,
      "sliding_window",
      given.sliding_window,
      "none: attention in windows is not built",
    );
  }
  if (given.use_sliding_window === true) {
    throw unsupportedConfig(file.path, "use_sliding_window", true, "false: attention in windows is not built");
  }
  // A null says that there is none, where an absent key says that it is the usual one.
  // Qwen2's names one that its tokenizers do not put before a text.
  const named = given.bos_token_id === undefined ? defaults["startToken"] : given.bos_token_id;
  const start = given.model_type === "qwen2" ? undefined : named;
  const end = given.eos_token_id === undefined ? defaults["endToken"] : given.eos_token_id;
  return {
    layers: given.num_hidden_layers ?? SIZES.num_hidden_layers,
    width,
    heads,
    keyHeads,
    headWidth,
    hidden: given.intermediate_size ?? SIZES.intermediate_size,
    vocabulary: given.vocab_size ?? SIZES.vocab_size,
    contextLength: given.max_position_embeddings ?? defaults["contextLength"]!,
    epsilon: given.rms_norm_eps ?? defaults["epsilon"]!,
    rotary: rotaryConfig(file, given, defaults["theta"]!),
    ...(start == null ? {} : { startToken: start }),
    endTokens: end == null ? [] : [end].flat(),
  };
}

function rotaryConfig({ path }: ConfigFile, given: Given, theta: number): RotaryConfig {
  const parameters = given.rope_parameters ?? given.rope_scaling ?? undefined;
  const scaling = parameters && scalingOf(path, parameters);
  return { theta: given.rope_theta ?? parameters?.rope_theta ?? theta, ...(scaling && { scaling }) };
}

function scalingOf(path: string, given: z.infer<typeof scalingSchema>): RotaryScaling | undefined {
  const kind = given.rope_type ?? given.type ?? "default";
  const need = (
    name: "factor" | "low_freq_factor" | "high_freq_factor" | "original_max_position_embeddings",
  ): number => {
    const value = given[name];
    if (value == null) throw unsupportedConfig(path, `rope_scaling.${name}`, undefined, "a number");
    return value;
  };
  if (kind === "default") return undefined;
  if (kind === "linear") return { kind, factor: need("factor") };
  if (kind === "llama3") {
    return {
      kind,
      factor: need("factor"),
      lowFactor: need("low_freq_factor"),
      highFactor: need("high_freq_factor"),
      trainedLength: need("original_max_position_embeddings"),
    };
  }
  throw unsupportedConfig(path, "rope_scaling.rope_type", kind, "default, linear or llama3");
}
