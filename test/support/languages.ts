/** Small random language models for tests, by Hugging Face's names. */
import { Random } from "../../src/engine/tensor/random.js";
import { sizeOf } from "../../src/engine/tensor/shape.js";
import type { StoredTensor } from "../../src/engine/tensor/stored.js";
import { type FloatTensor, floatTensor } from "../../src/engine/tensor/tensor.js";
import { checkpointOf } from "../../src/engine/weights/checkpoint.js";
import { checkpointSource } from "../../src/models/clip/checkpoint-source.js";
import type { LanguageConfig } from "../../src/models/language/config.js";
import { LanguageModel } from "../../src/models/language/language-model.js";
import { languageWeights } from "../../src/models/language/layout.js";
import type { Tensors } from "./clips.js";
import type { NaiveWeights } from "./naive-clip.js";

export interface SmallLanguage extends Pick<
  LanguageConfig,
  "layers" | "width" | "heads" | "keyHeads" | "headWidth" | "hidden" | "vocabulary"
> {
  /** Biases on queries, keys and values, as in Qwen2. */
  readonly biases?: boolean;
  /** One table for embedding and logits. */
  readonly tied?: boolean;
}

export const SMALL_LANGUAGES: Readonly<Record<string, SmallLanguage>> = {
  "as many heads of keys": { layers: 2, width: 24, heads: 3, keyHeads: 3, headWidth: 8, hidden: 40, vocabulary: 29 },
  "shared keys, biases, tied": {
    layers: 3,
    width: 20,
    heads: 6,
    keyHeads: 2,
    headWidth: 4,
    hidden: 36,
    vocabulary: 17,
    biases: true,
    tied: true,
  },
};

export function languageConfigOf(small: SmallLanguage): LanguageConfig {
  return { ...small, contextLength: 64, epsilon: 1e-5, rotary: { theta: 100 }, endTokens: [1] };
}

/** Random tensors under names that begin with `prefix` ("model."), but for the map to the vocabulary. */
export function languageTensors(
  { layers, width, heads, keyHeads, headWidth, hidden, vocabulary, biases, tied }: SmallLanguage,
  { prefix = "model.", head = "lm_head.weight", seed = 5 } = {},
): Tensors {
  const random = new Random(seed);
  const tensors: Tensors = new Map();
  const put = (name: string, shape: number[], deviation: number, mean = 0): void => {
    const data = random.centred(sizeOf(shape), deviation);
    tensors.set(
      name,
      floatTensor(
        data.map((value) => value + mean),
        shape,
      ),
    );
  };
  const matrix = (name: string, out: number, from: number, bias = false): void => {
    put(`${name}.weight`, [out, from], 1.5 / Math.sqrt(from));
    if (bias) put(`${name}.bias`, [out], 0.5);
  };
  put(`${prefix}embed_tokens.weight`, [vocabulary, width], 1);
  for (let i = 0; i < layers; i++) {
    const at = `${prefix}layers.${i}`;
    for (const name of ["input_layernorm", "post_attention_layernorm"]) put(`${at}.${name}.weight`, [width], 0.3, 1);
    matrix(`${at}.self_attn.q_proj`, heads * headWidth, width, biases);
    matrix(`${at}.self_attn.k_proj`, keyHeads * headWidth, width, biases);
    matrix(`${at}.self_attn.v_proj`, keyHeads * headWidth, width, biases);
    matrix(`${at}.self_attn.o_proj`, width, heads * headWidth);
    matrix(`${at}.mlp.gate_proj`, hidden, width);
    matrix(`${at}.mlp.up_proj`, hidden, width);
    matrix(`${at}.mlp.down_proj`, width, hidden);
  }
  put(`${prefix}norm.weight`, [width], 0.3, 1);
  if (!tied) put(head, [vocabulary, width], 2 / Math.sqrt(width));
  return tensors;
}

/** The model, and its weights as the naive one takes them. */
export function smallLanguage(small: SmallLanguage, seed?: number): { model: LanguageModel; weights: NaiveWeights } {
  const tensors = languageTensors(small, seed === undefined ? {} : { seed });
  const checkpoint = checkpointOf({
    path: "memory",
    metadata: {},
    files: [],
    tensors: new Map([...tensors].map(([name, tensor]) => [name, storedOf(name, tensor)])),
    unsupported: new Map(),
  });
  const config = languageConfigOf(small);
  const names = { prefix: "model.", head: "lm_head.weight" };
  const weights = languageWeights(checkpointSource(checkpoint, new Set()), names, config);
  return { model: new LanguageModel(weights, config), weights: naiveWeightsOf(tensors) };
}

export function naiveWeightsOf(tensors: Tensors): NaiveWeights {
  return { get: (name) => tensors.get(name)!, has: (name) => tensors.has(name) };
}

function storedOf(name: string, { shape, data }: FloatTensor): StoredTensor {
  return { name, dtype: "F32", shape, bytes: new Uint8Array(data.buffer) };
}
