/** Vision-language models with random weights, for speed measurements and demonstrations. They say nothing about pictures. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import type { LayoutTensor } from "../clip/open-clip-tensors.js";
import { writeRandomTensors } from "../clip/random-tensors.js";
import type { LanguageConfig } from "../language/config.js";
import { llavaConfig } from "./write-config.js";

export interface RandomVlm {
  readonly language: LanguageConfig;
  /** A model's reference, and the width of its tokens. */
  readonly tower: string;
  readonly towerWidth: number;
}

/** What models that read bytes have in common. */
export const READING = {
  epsilon: 1e-5,
  rotary: { theta: 10_000 },
  startToken: 512,
  endTokens: [513],
} as const satisfies Partial<LanguageConfig>;

/** Small, with the tower of the zoo's random CLIP. */
export const TINY_VLM: RandomVlm = {
  language: {
    layers: 4,
    width: 64,
    heads: 4,
    keyHeads: 2,
    headWidth: 16,
    hidden: 160,
    vocabulary: 514,
    contextLength: 512,
    ...READING,
  },
  tower: "clip-random",
  towerWidth: 128,
};

/** Writes it in LLaVA's original layout into `folder`. The same seed gives the same bytes. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeRandomVlm(
  folder: string,
  { language, tower, towerWidth }: RandomVlm,
  { seed, dtype = "F16" }: { readonly seed: number; readonly dtype?: "F32" | "F16" },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeRandomTensors(join(folder, "model.safetensors"), tensorsOf(language, towerWidth), { seed, dtype });
  const config = llavaConfig(language, { tower }, { prompt: "<image>" });
  await writeFile(join(folder, "config.json"), JSON.stringify(config, null, 1) + "\n");
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteTokenizerJson()));
}

function tensorsOf(language: RandomVlm["language"], towerWidth: number): LayoutTensor[] {
  const { layers, width, heads, keyHeads, headWidth, hidden, vocabulary } = language;
  const matrix = (name: string, out: number, from: number): LayoutTensor => ({
    name,
    shape: [out, from],
    role: "matrix",
  });
  const gain = (name: string): LayoutTensor => ({ name, shape: [width], role: "gain" });
  const bias = (name: string): LayoutTensor => ({ name, shape: [width], role: "bias" });
  const blocks = Array.from({ length: layers }, (_, i) => `model.layers.${i}`).flatMap((at) => [
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
    { name: "model.embed_tokens.weight", shape: [vocabulary, width], role: "embedding" },
    ...blocks,
    gain("model.norm.weight"),
    matrix("lm_head.weight", vocabulary, width),
    matrix("model.mm_projector.0.weight", width, towerWidth),
    bias("model.mm_projector.0.bias"),
    matrix("model.mm_projector.2.weight", width, width),
    bias("model.mm_projector.2.bias"),
  ];
}
