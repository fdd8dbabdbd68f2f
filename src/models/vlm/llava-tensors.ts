import type { LayoutTensor } from "../clip/open-clip-tensors.js";
import type { LanguageConfig } from "../language/config.js";
import type { LanguageNames } from "../language/layout.js";

const matrix = (name: string, out: number, from: number): LayoutTensor => ({
  name,
  shape: [out, from],
  role: "matrix",
});

/** Every tensor of a projector and a language model without biases, under the names of LLaVA's original checkpoints. */
export function llavaTensors(language: LanguageConfig, towerWidth: number): LayoutTensor[] {
  const { width } = language;
  const bias = (name: string): LayoutTensor => ({ name, shape: [width], role: "bias" });
  return [
    ...languageTensors(language, { prefix: "model.", head: "lm_head.weight" }),
    matrix("model.mm_projector.0.weight", width, towerWidth),
    bias("model.mm_projector.0.bias"),
    matrix("model.mm_projector.2.weight", width, width),
    bias("model.mm_projector.2.bias"),
  ];
}

/** Every tensor of a language model without biases. */
export function languageTensors(language: LanguageConfig, { prefix, head }: LanguageNames): LayoutTensor[] {
  const { layers, width, heads, keyHeads, headWidth, hidden, vocabulary } = language;
  const gain = (name: string): LayoutTensor => ({ name, shape: [width], role: "gain" });
  const blocks = Array.from({ length: layers }, (_, i) => `${prefix}layers.${i}`).flatMap((at) => [
    gain(`${at}.input_layernorm.weight`),
    matrix(`${at}.self_attn.q_proj.weight`, heads * headWidth, width),
    matrix(`${at}.self_attn.k_proj.weight`, keyHeads * headWidth, width),
    matrix(`${at}.self_attn.v_proj.weight`, keyHeads * headWidth, width),
    matrix(`${at}.self_attn.o_proj.weight`, width, heads * headWidth),
    gain(`${at}.post_attention_layernorm.weight`),
    matrix(`${at}.mlp.gate_proj.weight`, hidden, width),
    matrix(`${at}.mlp.up_proj.weight`, hidden, width),
    matrix(`${at}.mlp.down_proj.weight`, width, hidden),
  ]);
  return [
    { name: `${prefix}embed_tokens.weight`, shape: [vocabulary, width], role: "embedding" },
    ...blocks,
    gain(`${prefix}norm.weight`),
    matrix(head, vocabulary, width),
  ];
}
