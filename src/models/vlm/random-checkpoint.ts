/** Vision-language models with random weights, for speed measurements and demonstrations. They say nothing about pictures. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import { writeRandomTensors } from "../clip/random-tensors.js";
import type { LanguageConfig } from "../language/config.js";
import { llavaTensors } from "./llava-tensors.js";
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
  await writeRandomTensors(join(folder, "model.safetensors"), llavaTensors(language, towerWidth), { seed, dtype });
  const config = llavaConfig(language, { tower }, { prompt: "<image>" });
  await writeFile(join(folder, "config.json"), JSON.stringify(config, null, 1) + "\n");
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteTokenizerJson()));
}
