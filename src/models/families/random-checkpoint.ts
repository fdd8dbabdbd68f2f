/** Small checkpoints with random weights of other families than CLIP, in Hugging Face's layouts, for tests and demonstrations. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Shape } from "../../engine/tensor/shape.js";
import type { LayoutTensor } from "../clip/open-clip-tensors.js";
import { IMAGENET_PREPROCESSING } from "../clip/preprocess.js";
import { writeRandomTensors } from "../clip/random-tensors.js";
import { CONTEXT_LENGTH, letterTokenizerJson, VOCABULARY } from "./letter-tokenizer.js";

/** Sizes of the vision tower, and of SigLIP's text tower, which has the same. */
export interface FamilySizes {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Of the MLP. */
  readonly hidden: number;
  readonly imageSize: number;
  readonly patchSize: number;
  /** DINOv2: the side of the pictures that positions were learnt on. By default, `imageSize`. */
  readonly learntSize?: number;
  /** DINOv2: tokens beside the class token; by default none. */
  readonly registers?: number;
  /** DINOv2: whether MLPs are gated (SwiGLU). */
  readonly gated?: boolean;
}

export type RandomFamily = "vit" | "dinov2" | "siglip";

export const TINY_SIZES: FamilySizes = {
  layers: 4,
  width: 96,
  heads: 4,
  hidden: 192,
  imageSize: 128,
  patchSize: 16,
};

/** Writes weights, configuration and, for SigLIP, a tokenizer of letters. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeRandomFamily(
  folder: string,
  family: RandomFamily,
  sizes: FamilySizes,
  { seed }: { readonly seed: number },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { tensors, config, preprocessor } = FAMILIES[family](sizes);
  await writeRandomTensors(join(folder, "model.safetensors"), tensors, { seed, dtype: "F32" });
  const write = (name: string, json: object): Promise<void> =>
    writeFile(join(folder, name), JSON.stringify(json, null, 1) + "\n");
  await write("config.json", config);
  await write("preprocessor_config.json", preprocessor);
  if (family === "siglip") await writeFile(join(folder, "tokenizer.json"), JSON.stringify(letterTokenizerJson()));
}

interface Described {
  readonly tensors: readonly LayoutTensor[];
  readonly config: object;
  readonly preprocessor: object;
}

const FAMILIES: Readonly<Record<RandomFamily, (sizes: FamilySizes) => Described>> = { vit, dinov2, siglip };

function vit(sizes: FamilySizes): Described {
  const { layers, width, heads, hidden, imageSize } = sizes;
  const block = (at: string): LayoutTensor[] => [
    ...norm(`${at}.layernorm_before`, width),
    ...attention(`${at}.attention`, width),
    ...norm(`${at}.layernorm_after`, width),
    ...linear(`${at}.intermediate.dense`, hidden, width),
    ...linear(`${at}.output.dense`, width, hidden),
  ];
  return {
    tensors: tower(sizes, block),
    config: { model_type: "vit", num_hidden_layers: layers, num_attention_heads: heads, image_size: imageSize },
    preprocessor: { image_processor_type: "ViTImageProcessor", size: imageSize, ...statistics(IMAGENET_PREPROCESSING) },
  };
}

function dinov2(sizes: FamilySizes): Described {
  const { layers, width, heads, hidden, imageSize, learntSize = imageSize, registers = 0, gated = false } = sizes;
  const block = (at: string): LayoutTensor[] => [
    ...norm(`${at}.norm1`, width),
    ...attention(`${at}.attention`, width),
    // As large as trained ones: what blocks write counts beside where the stream starts.
    { name: `${at}.layer_scale1.lambda1`, shape: [width], role: "gain" },
    ...norm(`${at}.norm2`, width),
    ...(gated
      ? [...linear(`${at}.mlp.weights_in`, 2 * hidden, width), ...linear(`${at}.mlp.weights_out`, width, hidden)]
      : [...linear(`${at}.mlp.fc1`, hidden, width), ...linear(`${at}.mlp.fc2`, width, hidden)]),
    { name: `${at}.layer_scale2.lambda1`, shape: [width], role: "gain" },
  ];
  const more: LayoutTensor[] = [
    { name: "embeddings.mask_token", shape: [1, width], role: "embedding" },
    ...(registers > 0
      ? [{ name: "embeddings.register_tokens", shape: [1, registers, width], role: "embedding" as const }]
      : []),
  ];
  return {
    tensors: [...more, ...tower({ ...sizes, imageSize: learntSize }, block)],
    config: {
      model_type: registers > 0 ? "dinov2_with_registers" : "dinov2",
      num_hidden_layers: layers,
      num_attention_heads: heads,
      image_size: learntSize,
      use_swiglu_ffn: gated,
    },
    preprocessor: {
      image_processor_type: "BitImageProcessor",
      size: { shortest_edge: Math.round((imageSize * 8) / 7) },
      crop_size: { height: imageSize, width: imageSize },
      ...statistics(IMAGENET_PREPROCESSING),
    },
  };
}

function siglip(sizes: FamilySizes): Described {
  const { layers, width, heads, hidden, imageSize, patchSize } = sizes;
  const block = (at: string): LayoutTensor[] => [
    ...norm(`${at}.layer_norm1`, width),
    ...["q", "k", "v", "out"].flatMap((name) => linear(`${at}.self_attn.${name}_proj`, width, width)),
    ...norm(`${at}.layer_norm2`, width),
    ...linear(`${at}.mlp.fc1`, hidden, width),
    ...linear(`${at}.mlp.fc2`, width, hidden),
  ];
  const vision = "vision_model";
  const text = "text_model";
  const towerConfig = { num_hidden_layers: layers, num_attention_heads: heads };
  return {
    tensors: [
      matrix(`${vision}.embeddings.patch_embedding.weight`, [width, 3, patchSize, patchSize]),
      bias(`${vision}.embeddings.patch_embedding.bias`, width),
      position(`${vision}.embeddings.position_embedding.weight`, [patchesOf(sizes), width]),
      ...blocks(`${vision}.encoder.layers`, layers, block),
      ...norm(`${vision}.post_layernorm`, width),
      { name: `${vision}.head.probe`, shape: [1, 1, width], role: "embedding" },
      matrix(`${vision}.head.attention.in_proj_weight`, [3 * width, width]),
      bias(`${vision}.head.attention.in_proj_bias`, 3 * width),
      ...linear(`${vision}.head.attention.out_proj`, width, width),
      ...norm(`${vision}.head.layernorm`, width),
      ...linear(`${vision}.head.mlp.fc1`, hidden, width),
      ...linear(`${vision}.head.mlp.fc2`, width, hidden),
      { name: `${text}.embeddings.token_embedding.weight`, shape: [VOCABULARY, width], role: "embedding" },
      position(`${text}.embeddings.position_embedding.weight`, [CONTEXT_LENGTH, width]),
      ...blocks(`${text}.encoder.layers`, layers, block),
      ...norm(`${text}.final_layer_norm`, width),
      ...linear(`${text}.head`, width, width),
      { name: "logit_scale", shape: [1], role: "scale" },
      bias("logit_bias", 1),
    ],
    config: {
      model_type: "siglip",
      vision_config: { ...towerConfig, image_size: imageSize, patch_size: patchSize },
      text_config: towerConfig,
    },
    preprocessor: { image_processor_type: "SiglipImageProcessor", size: { height: imageSize, width: imageSize } },
  };
}

/** A vision tower whose class token is read. */
function tower(sizes: FamilySizes, block: (at: string) => LayoutTensor[]): LayoutTensor[] {
  const { layers, width, patchSize } = sizes;
  return [
    { name: "embeddings.cls_token", shape: [1, 1, width], role: "embedding" },
    position("embeddings.position_embeddings", [1, 1 + patchesOf(sizes), width]),
    matrix("embeddings.patch_embeddings.projection.weight", [width, 3, patchSize, patchSize]),
    bias("embeddings.patch_embeddings.projection.bias", width),
    ...blocks("encoder.layer", layers, block),
    ...norm("layernorm", width),
  ];
}

function attention(at: string, width: number): LayoutTensor[] {
  const parts = ["attention.query", "attention.key", "attention.value", "output.dense"];
  return parts.flatMap((name) => linear(`${at}.${name}`, width, width));
}

const patchesOf = ({ imageSize, patchSize }: FamilySizes): number => Math.floor(imageSize / patchSize) ** 2;

const blocks = (prefix: string, layers: number, block: (at: string) => LayoutTensor[]): LayoutTensor[] =>
  Array.from({ length: layers }, (_, layer) => block(`${prefix}.${layer}`)).flat();

const linear = (name: string, out: number, width: number): LayoutTensor[] => [
  matrix(`${name}.weight`, [out, width]),
  bias(`${name}.bias`, out),
];

const norm = (name: string, width: number): LayoutTensor[] => [
  { name: `${name}.weight`, shape: [width], role: "gain" },
  { name: `${name}.bias`, shape: [width], role: "offset" },
];

const matrix = (name: string, shape: Shape): LayoutTensor => ({ name, shape, role: "matrix" });
const position = (name: string, shape: Shape): LayoutTensor => ({ name, shape, role: "position" });
const bias = (name: string, width: number): LayoutTensor => ({ name, shape: [width], role: "bias" });

const statistics = ({ mean, std }: typeof IMAGENET_PREPROCESSING): object => ({ image_mean: mean, image_std: std });
