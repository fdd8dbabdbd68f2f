import type { LayoutTensor } from "../clip/open-clip-tensors.js";
import type { LanguageConfig } from "../language/config.js";
import { languageTensors } from "./llava-tensors.js";

export interface InstructBlipSizes {
  readonly language: LanguageConfig;
  readonly tower: {
    readonly layers: number;
    readonly width: number;
    readonly heads: number;
    readonly hidden: number;
    readonly imageSize: number;
    readonly patchSize: number;
  };
  readonly queries: {
    readonly layers: number;
    readonly width: number;
    readonly heads: number;
    readonly hidden: number;
    readonly count: number;
    readonly vocabulary: number;
    /** Tokens of a question at most. */
    readonly longest: number;
  };
}

/** Blocks of the Q-Former whose queries look at the picture: every second, the first among them. */
export const CROSS_EVERY = 2;

/** Every tensor of an InstructBLIP, under Hugging Face's names. */
export function instructBlipTensors({ language, tower, queries }: InstructBlipSizes): LayoutTensor[] {
  const names = { prefix: "language_model.model.", head: "language_model.lm_head.weight" };
  return [
    ...towerTensors(tower),
    ...queryTensors(queries, tower.width),
    ...linear("language_projection", language.width, queries.width),
    ...languageTensors(language, names),
  ];
}

function towerTensors({ layers, width, hidden, imageSize, patchSize }: InstructBlipSizes["tower"]): LayoutTensor[] {
  const at = "vision_model";
  const blocks = Array.from({ length: layers }, (_, i) => `${at}.encoder.layers.${i}`).flatMap((block) => [
    ...norm(`${block}.layer_norm1`, width),
    ...linear(`${block}.self_attn.qkv`, 3 * width, width),
    ...linear(`${block}.self_attn.projection`, width, width),
    ...norm(`${block}.layer_norm2`, width),
    ...linear(`${block}.mlp.fc1`, hidden, width),
    ...linear(`${block}.mlp.fc2`, width, hidden),
  ]);
  const places = (imageSize / patchSize) ** 2 + 1;
  return [
    { name: `${at}.embeddings.class_embedding`, shape: [1, 1, width], role: "embedding" },
    { name: `${at}.embeddings.position_embedding`, shape: [1, places, width], role: "position" },
    { name: `${at}.embeddings.patch_embedding.weight`, shape: [width, 3, patchSize, patchSize], role: "matrix" },
    { name: `${at}.embeddings.patch_embedding.bias`, shape: [width], role: "bias" },
    ...blocks,
    ...norm(`${at}.post_layernorm`, width),
  ];
}

function queryTensors(
  { layers, width, hidden, count, vocabulary, longest }: InstructBlipSizes["queries"],
  towerWidth: number,
): LayoutTensor[] {
  const attention = (at: string, from: number): LayoutTensor[] => [
    ...linear(`${at}.attention.query`, width, width),
    ...linear(`${at}.attention.key`, width, from),
    ...linear(`${at}.attention.value`, width, from),
    ...linear(`${at}.output.dense`, width, width),
    ...norm(`${at}.output.LayerNorm`, width),
  ];
  const blocks = Array.from({ length: layers }, (_, i) => i).flatMap((i) => {
    const at = `qformer.encoder.layer.${i}`;
    return [
      ...attention(`${at}.attention`, width),
      ...(i % CROSS_EVERY === 0 ? attention(`${at}.crossattention`, towerWidth) : []),
      ...["", "_query"].flatMap((of) => [
        ...linear(`${at}.intermediate${of}.dense`, hidden, width),
        ...linear(`${at}.output${of}.dense`, width, hidden),
        ...norm(`${at}.output${of}.LayerNorm`, width),
      ]),
    ];
  });
  return [
    { name: "query_tokens", shape: [1, count, width], role: "embedding" },
    { name: "qformer.embeddings.word_embeddings.weight", shape: [vocabulary, width], role: "embedding" },
    { name: "qformer.embeddings.position_embeddings.weight", shape: [longest, width], role: "position" },
    ...norm("qformer.embeddings.layernorm", width),
    ...blocks,
  ];
}

const linear = (name: string, out: number, from: number): LayoutTensor[] => [
  { name: `${name}.weight`, shape: [out, from], role: "matrix" },
  { name: `${name}.bias`, shape: [out], role: "bias" },
];

const norm = (name: string, width: number): LayoutTensor[] => [
  { name: `${name}.weight`, shape: [width], role: "gain" },
  { name: `${name}.bias`, shape: [width], role: "offset" },
];
