/**
 * Checkpoints with random weights, for speed measurements, tests and demonstrations. They say nothing about pictures.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import type { Architecture } from "./architectures.js";
import { openClipConfig } from "./open-clip-config-file.js";
import { textTensors, visionTensors } from "./open-clip-tensors.js";
import { OPENAI_PREPROCESSING, type Preprocessing } from "./preprocess.js";
import { writeRandomTensors } from "./random-tensors.js";
import type { Activation } from "./transformer.js";

export interface RandomCheckpointOptions {
  readonly seed: number;
  readonly activation: Activation;
  readonly dtype?: "F32" | "F16";
  /** Leave the text tower and tokenizer out. */
  readonly visionOnly?: boolean;
  /** What the text tower reads; by default bytes, so that no third-party vocabulary is needed. */
  readonly reading?: Reading;
  /** How pixels are normalised; by default as OpenAI's models do. */
  readonly normalisation?: Pick<Preprocessing, "mean" | "std">;
}

export interface Reading {
  readonly vocabulary: number;
  readonly contextLength: number;
  /** Content of tokenizer.json. */
  readonly tokenizer: string;
}

const bytes = (): Reading => ({
  vocabulary: 514,
  contextLength: 77,
  tokenizer: JSON.stringify(byteTokenizerJson()),
});
/**
 * Writes a checkpoint in OpenCLIP's layout into `folder`: weights, configuration and, with a text tower, a tokenizer.
 * The same seed gives the same bytes. Memory: one tensor at a time. Throws `DiskFullError`, `FileUnwritableError`.
 */
export async function writeRandomCheckpoint(
  folder: string,
  architecture: Architecture,
  {
    seed,
    activation,
    dtype = "F32",
    visionOnly = false,
    reading = bytes(),
    normalisation = OPENAI_PREPROCESSING,
  }: RandomCheckpointOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const sizes = { vocabulary: reading.vocabulary, contextLength: reading.contextLength };
  const tensors = [...visionTensors(architecture), ...(visionOnly ? [] : textTensors(architecture, sizes))];
  await writeRandomTensors(join(folder, "open_clip_model.safetensors"), tensors, { seed, dtype });
  const config = openClipConfig(architecture, sizes, { activation, ...normalisation });
  await writeFile(join(folder, "open_clip_config.json"), JSON.stringify(config, null, 1) + "\n");
  if (!visionOnly) await writeFile(join(folder, "tokenizer.json"), reading.tokenizer);
}
