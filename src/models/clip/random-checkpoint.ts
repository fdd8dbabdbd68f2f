/**
 * Checkpoints with random weights, for speed measurements, tests and demonstrations. They say nothing about pictures.
 */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import { Random } from "../../engine/tensor/random.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import type { Architecture, TowerSizes } from "./architectures.js";
import type { Activation } from "./transformer.js";

export interface RandomCheckpointOptions {
  readonly seed: number;
  readonly activation: Activation;
  readonly dtype?: "F32" | "F16";
  /** Leave the text tower and tokenizer out. */
  readonly visionOnly?: boolean;
}

/** Text towers read bytes (see `byteTokenizerJson`), so that no third-party vocabulary is needed. */
const BYTE_VOCABULARY = 514;
const CONTEXT_LENGTH = 77;

interface RandomTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly mean: number;
  readonly deviation: number;
}

/**
 * Writes a checkpoint in OpenCLIP's layout into `folder`: weights, configuration and, with a text tower, a tokenizer.
 * The same seed gives the same bytes. Memory: one tensor at a time. Throws `DiskFullError`, `FileUnwritableError`.
 */
export async function writeRandomCheckpoint(
  folder: string,
  architecture: Architecture,
  { seed, activation, dtype = "F32", visionOnly = false }: RandomCheckpointOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = [...visionTensors(architecture), ...(visionOnly ? [] : textTensors(architecture))];
  const declared = tensors.map(({ name, shape }) => ({ name, dtype, shape }));
  const metadata = { format: "pt", about: `random weights, seed ${seed}` };
  await using writer = await SafetensorsWriter.create(join(folder, "open_clip_model.safetensors"), declared, metadata);
  const random = new Random(seed);
  for (const { name, shape, mean, deviation } of tensors) {
    const values = random.centred(sizeOf(shape), deviation);
    if (mean !== 0) for (let i = 0; i < values.length; i++) values[i]! += mean;
    await writer.writeRows(name, 0, values);
  }
  await writer.finish();
  await writeFile(
    join(folder, "open_clip_config.json"),
    JSON.stringify(configOf(architecture, activation), null, 1) + "\n",
  );
  if (!visionOnly) await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteTokenizerJson()));
}

function visionTensors({ vision, features }: Architecture): RandomTensor[] {
  const { width, patchSize, imageSize } = vision;
  const tokens = (imageSize / patchSize) ** 2 + 1;
  return [
    { name: "visual.class_embedding", shape: [width], mean: 0, deviation: 1 },
    { name: "visual.positional_embedding", shape: [tokens, width], mean: 0, deviation: 0.5 },
    matrix("visual.conv1.weight", [width, 3, patchSize, patchSize]),
    ...norm("visual.ln_pre", width),
    ...blocks("visual.transformer.resblocks", vision),
    ...norm("visual.ln_post", width),
    { name: "visual.proj", shape: [width, features], mean: 0, deviation: width ** -0.5 },
  ];
}

function textTensors({ text, features }: Architecture): RandomTensor[] {
  const { width } = text;
  return [
    { name: "token_embedding.weight", shape: [BYTE_VOCABULARY, width], mean: 0, deviation: 1 },
    { name: "positional_embedding", shape: [CONTEXT_LENGTH, width], mean: 0, deviation: 0.5 },
    ...blocks("transformer.resblocks", text),
    ...norm("ln_final", width),
    { name: "text_projection", shape: [width, features], mean: 0, deviation: width ** -0.5 },
    { name: "logit_scale", shape: [], mean: Math.log(1 / 0.07), deviation: 0 },
  ];
}

function blocks(prefix: string, { layers, width, hidden }: TowerSizes): RandomTensor[] {
  return Array.from({ length: layers }, (_, layer) => {
    const at = (name: string): string => `${prefix}.${layer}.${name}`;
    return [
      ...norm(at("ln_1"), width),
      matrix(at("attn.in_proj_weight"), [3 * width, width]),
      bias(at("attn.in_proj_bias"), 3 * width),
      matrix(at("attn.out_proj.weight"), [width, width]),
      bias(at("attn.out_proj.bias"), width),
      ...norm(at("ln_2"), width),
      matrix(at("mlp.c_fc.weight"), [hidden, width]),
      bias(at("mlp.c_fc.bias"), hidden),
      matrix(at("mlp.c_proj.weight"), [width, hidden]),
      bias(at("mlp.c_proj.bias"), width),
    ];
  }).flat();
}

/** A weight [out, …] that keeps the scale of its input. */
function matrix(name: string, shape: readonly number[]): RandomTensor {
  return { name, shape, mean: 0, deviation: sizeOf(shape.slice(1)) ** -0.5 };
}

function bias(name: string, width: number): RandomTensor {
  return { name, shape: [width], mean: 0, deviation: 0.1 };
}

function norm(name: string, width: number): RandomTensor[] {
  return [
    { name: `${name}.weight`, shape: [width], mean: 1, deviation: 0.1 },
    { name: `${name}.bias`, shape: [width], mean: 0, deviation: 0.1 },
  ];
}

function configOf({ vision, text, features }: Architecture, activation: Activation): object {
  return {
    model_cfg: {
      embed_dim: features,
      quick_gelu: activation === "quick_gelu",
      vision_cfg: {
        image_size: vision.imageSize,
        layers: vision.layers,
        width: vision.width,
        head_width: vision.width / vision.heads,
        patch_size: vision.patchSize,
      },
      text_cfg: {
        context_length: CONTEXT_LENGTH,
        vocab_size: BYTE_VOCABULARY,
        width: text.width,
        heads: text.heads,
        layers: text.layers,
      },
    },
    preprocess_cfg: { mean: [0.48145466, 0.4578275, 0.40821073], std: [0.26862954, 0.26130258, 0.27577711] },
  };
}
