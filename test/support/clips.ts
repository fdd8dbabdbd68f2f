/** CLIPs for tests: random checkpoints of chosen sizes, in every layout. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Random } from "../../src/engine/tensor/random.js";
import { sizeOf } from "../../src/engine/tensor/shape.js";
import { type FloatTensor, floatTensor } from "../../src/engine/tensor/tensor.js";
import { openCheckpoint } from "../../src/engine/weights/open-checkpoint.js";
import { readStored } from "../../src/engine/weights/read-stored.js";
import { writeSafetensors } from "../../src/engine/weights/safetensors/write.js";
import type { Architecture } from "../../src/models/clip/architectures.js";
import { writeRandomCheckpoint } from "../../src/models/clip/random-checkpoint.js";
import type { Activation } from "../../src/models/clip/transformer.js";
import type { NaiveWeights } from "./naive-clip.js";

/** Tensors by name, as a converter of layouts rearranges them. */
export type Tensors = Map<string, FloatTensor>;

export interface SmallClip {
  readonly architecture: Architecture;
  readonly activation: Activation;
}

/** Sizes, patch sizes and head widths unlike one another and unlike published models. */
export const SMALL_CLIPS: Readonly<Record<string, SmallClip>> = {
  plain: small({ layers: 2, width: 32, heads: 2, hidden: 64, imageSize: 32, patchSize: 8 }, "gelu"),
  "quick gelu, odd head width": small(
    { layers: 3, width: 42, heads: 3, hidden: 100, imageSize: 21, patchSize: 7 },
    "quick_gelu",
  ),
  "picture not a multiple of the patch": small(
    { layers: 1, width: 24, heads: 4, hidden: 24, imageSize: 30, patchSize: 8 },
    "gelu",
  ),
  "one head, one patch": small(
    { layers: 2, width: 16, heads: 1, hidden: 48, imageSize: 12, patchSize: 12 },
    "quick_gelu",
  ),
};

function small(vision: Architecture["vision"], activation: Activation): SmallClip {
  return { architecture: { vision, text: { layers: 2, width: 24, heads: 2, hidden: 40 }, features: 20 }, activation };
}

/** Writes a random checkpoint in OpenCLIP's layout; with `layerScale`, LayerScale factors too. */
export async function writeOpenClip(
  folder: string,
  { architecture, activation }: SmallClip,
  layerScale = false,
): Promise<void> {
  // Position tables are learnt on whole patches, whatever the picture's size.
  const { imageSize, patchSize } = architecture.vision;
  const whole = { ...architecture, vision: { ...architecture.vision, imageSize: imageSize - (imageSize % patchSize) } };
  await writeRandomCheckpoint(folder, whole, { seed: 3, activation });
  if (layerScale) {
    const tensors = await readAll(folder);
    const random = new Random(4);
    for (let layer = 0; layer < architecture.vision.layers; layer++) {
      for (const name of ["ls_1", "ls_2"]) {
        const gamma = random.centred(architecture.vision.width, 0.5);
        tensors.set(`visual.transformer.resblocks.${layer}.${name}.gamma`, floatTensor(gamma, [gamma.length]));
      }
    }
    await writeAll(join(folder, "open_clip_model.safetensors"), tensors);
  }
}

export async function readAll(path: string): Promise<Tensors> {
  const checkpoint = await openCheckpoint(path);
  return new Map(checkpoint.names().map((name) => [name, readStored(checkpoint.get(name))]));
}

export async function writeAll(path: string, tensors: Tensors): Promise<void> {
  const list = [...tensors].map(([name, { shape, data }]) => ({ name, dtype: "F32" as const, shape, data }));
  await writeSafetensors(path, list);
}

/** Rewrites OpenCLIP's layout as Hugging Face's `CLIPModel` with its `config.json`. */
export async function writeHuggingFace(
  folder: string,
  tensors: Tensors,
  { architecture, activation }: SmallClip,
): Promise<void> {
  await writeAll(join(folder, "model.safetensors"), huggingFaceTensors(tensors));
  const { vision, text, features } = architecture;
  const config = {
    model_type: "clip",
    projection_dim: features,
    vision_config: { num_attention_heads: vision.heads, image_size: vision.imageSize, hidden_act: activation },
    text_config: { num_attention_heads: text.heads, hidden_act: activation },
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
}

/** OpenCLIP's tensors under the names, and in the shapes, of Hugging Face's `CLIPModel`. */
export function huggingFaceTensors(tensors: Tensors): Tensors {
  return new Map([...tensors].flatMap(([name, tensor]) => huggingFaceEntries(name, tensor)));
}

const RENAMES: readonly (readonly [RegExp, string])[] = [
  [/^visual\.class_embedding$/, "vision_model.embeddings.class_embedding"],
  [/^visual\.conv1\.weight$/, "vision_model.embeddings.patch_embedding.weight"],
  [/^visual\.positional_embedding$/, "vision_model.embeddings.position_embedding.weight"],
  [/^visual\.ln_pre\./, "vision_model.pre_layrnorm."],
  [/^visual\.ln_post\./, "vision_model.post_layernorm."],
  [/^visual\.transformer\.resblocks\./, "vision_model.encoder.layers."],
  [/^token_embedding\./, "text_model.embeddings.token_embedding."],
  [/^positional_embedding$/, "text_model.embeddings.position_embedding.weight"],
  [/^transformer\.resblocks\./, "text_model.encoder.layers."],
  [/^ln_final\./, "text_model.final_layer_norm."],
  [/\.ln_(\d)\./, ".layer_norm$1."],
  [/\.attn\.out_proj\./, ".self_attn.out_proj."],
  [/\.c_fc\./, ".fc1."],
  [/\.c_proj\./, ".fc2."],
];

function huggingFaceEntries(name: string, tensor: FloatTensor): [string, FloatTensor][] {
  if (name === "visual.proj") return [["visual_projection.weight", transposed(tensor)]];
  if (name === "text_projection") return [["text_projection.weight", transposed(tensor)]];
  const renamed = RENAMES.reduce((key, [pattern, replacement]) => key.replace(pattern, replacement), name);
  const fused = /^(.*)\.attn\.in_proj_(weight|bias)$/.exec(renamed);
  if (fused === null) return [[renamed, tensor]];
  const [rows, ...rest] = tensor.shape as [number, ...number[]];
  const size = (rows / 3) * sizeOf(rest);
  return ["q", "k", "v"].map((part, i) => [
    `${fused[1]!}.self_attn.${part}_proj.${fused[2]!}`,
    floatTensor(tensor.data.slice(i * size, (i + 1) * size), [rows / 3, ...rest]),
  ]);
}

function transposed({ data, shape }: FloatTensor): FloatTensor {
  const [rows, columns] = shape as [number, number];
  return floatTensor(
    data.map((_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!),
    [columns, rows],
  );
}

export function naiveWeights(tensors: Tensors): NaiveWeights {
  return { has: (name) => tensors.has(name), get: (name) => tensors.get(name)! };
}

export function randomPixels(count: number, size: number, seed = 5): FloatTensor {
  const shape = [count, 3, size, size];
  return floatTensor(new Random(seed).centred(sizeOf(shape), 1), shape);
}

/** Largest absolute difference, NaN if any is; throws when the lengths differ. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let largest = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (Number.isNaN(difference)) return NaN;
    largest = Math.max(largest, difference);
  }
  return largest;
}
