/**
 * Checkpoints with random weights, for speed measurements, tests and demonstrations. They say nothing about pictures.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import { Random } from "../../engine/tensor/random.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import type { Architecture } from "./architectures.js";
import { openClipConfig } from "./open-clip-config-file.js";
import { type LayoutTensor, textTensors, visionTensors } from "./open-clip-tensors.js";
import { OPENAI_PREPROCESSING, type Preprocessing } from "./preprocess.js";
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
/** Shown wherever the model speaks. */
const CAVEAT = "Its weights are random: the arithmetic is exact, the words mean nothing.";

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
  const declared = tensors.map(({ name, shape }) => ({ name, dtype, shape }));
  const metadata = { format: "pt", about: `random weights, seed ${seed}`, caveat: CAVEAT };
  await using writer = await SafetensorsWriter.create(join(folder, "open_clip_model.safetensors"), declared, metadata);
  const random = new Random(seed);
  for (const tensor of tensors) {
    const { name, shape } = tensor;
    const { mean, deviation } = spread(tensor);
    const values = random.centred(sizeOf(shape), deviation);
    if (mean !== 0) for (let i = 0; i < values.length; i++) values[i]! += mean;
    await writer.writeRows(name, 0, values);
  }
  await writer.finish();
  const config = openClipConfig(architecture, sizes, { activation, ...normalisation });
  await writeFile(join(folder, "open_clip_config.json"), JSON.stringify(config, null, 1) + "\n");
  if (!visionOnly) await writeFile(join(folder, "tokenizer.json"), reading.tokenizer);
}

/** Uniform around `mean`, for each role; a matrix [out, …] keeps the scale of its input. */
function spread({ shape, role }: LayoutTensor): { readonly mean: number; readonly deviation: number } {
  switch (role) {
    case "embedding":
      return { mean: 0, deviation: 1 };
    case "position":
      return { mean: 0, deviation: 0.5 };
    case "matrix":
      return { mean: 0, deviation: sizeOf(shape.slice(1)) ** -0.5 };
    case "projection":
      return { mean: 0, deviation: shape[0]! ** -0.5 };
    case "bias":
    case "offset":
      return { mean: 0, deviation: 0.1 };
    case "gain":
      return { mean: 1, deviation: 0.1 };
    case "scale":
      return { mean: Math.log(1 / 0.07), deviation: 0 };
  }
}
