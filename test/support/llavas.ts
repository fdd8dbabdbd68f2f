/** Small random LLaVA models for tests, in every layout, and what the published formulas make of them. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../src/engine/media/byte-tokenizer.js";
import { Random } from "../../src/engine/tensor/random.js";
import { type FloatTensor, floatTensor } from "../../src/engine/tensor/tensor.js";
import {
  huggingFaceTensors,
  readAll,
  SMALL_CLIPS,
  type Tensors,
  writeAll,
  writeHuggingFace,
  writeOpenClip,
} from "./clips.js";
import { erf } from "./erf.js";
import { languageTensors, naiveWeightsOf, type SmallLanguage } from "./languages.js";
import { type Matrix, naiveDecomposition } from "./naive-clip.js";
import { naiveLanguage, type NaiveStates } from "./naive-language.js";

export const LAYOUTS = ["hugging-face", "hugging-face since 2025", "llava"] as const;
export type LlavaLayout = (typeof LAYOUTS)[number];

export const TOWER = SMALL_CLIPS["plain"]!;
export const LANGUAGE: SmallLanguage = {
  layers: 3,
  width: 24,
  heads: 6,
  keyHeads: 3,
  headWidth: 4,
  hidden: 40,
  vocabulary: 520,
};
const EPSILON = 1e-5;
const THETA = 500;

const NAMES: Readonly<
  Record<LlavaLayout, { prefix: string; head: string; projector: [string, string]; tower?: string }>
> = {
  "hugging-face": {
    prefix: "language_model.model.",
    head: "language_model.lm_head.weight",
    projector: ["multi_modal_projector.linear_1", "multi_modal_projector.linear_2"],
    tower: "vision_tower.",
  },
  "hugging-face since 2025": {
    prefix: "model.language_model.",
    head: "lm_head.weight",
    projector: ["model.multi_modal_projector.linear_1", "model.multi_modal_projector.linear_2"],
    tower: "model.vision_tower.",
  },
  llava: { prefix: "model.", head: "lm_head.weight", projector: ["model.mm_projector.0", "model.mm_projector.2"] },
};

export interface WrittenLlava {
  readonly folder: string;
  /** The tower's tensors by OpenCLIP's names. */
  readonly tower: Tensors;
  readonly language: Tensors;
  readonly projector: readonly [FloatTensor, FloatTensor, FloatTensor, FloatTensor];
}

/** Writes the checkpoint into `folder`; `change` may spoil its configuration. */
export async function writeLlava(
  folder: string,
  layout: LlavaLayout,
  change: (config: Record<string, unknown>) => void = () => undefined,
): Promise<WrittenLlava> {
  const clip = join(folder, "clip");
  await writeOpenClip(clip, TOWER);
  const tower = await readAll(clip);
  const { prefix, head, projector: names, tower: towerPrefix } = NAMES[layout];
  const language = languageTensors(LANGUAGE);
  const tensors: Tensors = new Map();
  for (const [name, tensor] of languageTensors(LANGUAGE, { prefix, head })) tensors.set(name, tensor);
  const projector = projectorTensors();
  for (const [i, tensor] of projector.entries()) {
    tensors.set(`${names[i >> 1]!}.${i % 2 === 0 ? "weight" : "bias"}`, tensor);
  }
  const { vision } = TOWER.architecture;
  const text = languageConfigJson();
  let config: Record<string, unknown>;
  if (towerPrefix === undefined) {
    const other = join(folder, "tower");
    await mkdir(other, { recursive: true });
    await writeHuggingFace(other, tower, TOWER);
    config = {
      ...text,
      model_type: "llava",
      mm_vision_tower: other,
      mm_projector_type: "mlp2x_gelu",
      mm_vision_select_layer: -2,
      image_aspect_ratio: "pad",
    };
  } else {
    for (const [name, tensor] of huggingFaceTensors(tower)) {
      if (name.startsWith("vision_model.")) tensors.set(`${towerPrefix}${name}`, tensor);
    }
    config = {
      model_type: "llava",
      text_config: { model_type: "llama", ...text },
      vision_config: {
        model_type: "clip_vision_model",
        num_attention_heads: vision.heads,
        image_size: vision.imageSize,
        hidden_act: TOWER.activation,
      },
    };
  }
  change(config);
  await writeAll(join(folder, "model.safetensors"), tensors);
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteTokenizerJson()));
  return { folder, tower, language, projector };
}

/** What a configuration says of the language model. */
export function languageConfigJson(): object {
  return {
    hidden_size: LANGUAGE.width,
    intermediate_size: LANGUAGE.hidden,
    num_hidden_layers: LANGUAGE.layers,
    num_attention_heads: LANGUAGE.heads,
    num_key_value_heads: LANGUAGE.keyHeads,
    vocab_size: LANGUAGE.vocabulary,
    max_position_embeddings: 256,
    rms_norm_eps: EPSILON,
    rope_theta: THETA,
    bos_token_id: 512,
    eos_token_id: 513,
  };
}

/** The states of the language model over a prompt: ids before the picture, the picture, ids after it. */
export function naiveLlava(
  { tower, language, projector }: WrittenLlava,
  pixels: FloatTensor,
  before: readonly number[],
  after: readonly number[],
  afterBlock?: (layer: number, stream: Matrix) => Matrix,
): NaiveStates {
  const { imageSize, heads } = TOWER.architecture.vision;
  const config = { heads, activation: TOWER.activation };
  const { streams } = naiveDecomposition(pixels.data, imageSize, naiveWeightsOf(tower), config);
  return naiveWords(language, before, naiveProjected(streams.at(-2)!.slice(1), projector), after, afterBlock);
}

/** Image tokens of a tower's tokens. */
export function naiveProjected(tokens: Matrix, [w1, b1, w2, b2]: WrittenLlava["projector"]): Matrix {
  return tokens.map((row) => linear(linear(row, w1, b1).map(gelu), w2, b2));
}

/** The same of words alone. */
export function naiveWords(
  language: Tensors,
  before: readonly number[],
  image: Matrix = [],
  after: readonly number[] = [],
  afterBlock?: (layer: number, stream: Matrix) => Matrix,
): NaiveStates {
  const weights = naiveWeightsOf(language);
  const { data } = weights.get("model.embed_tokens.weight");
  const embedded = (ids: readonly number[]): Matrix =>
    ids.map((id) => Array.from({ length: LANGUAGE.width }, (_, i) => data[id * LANGUAGE.width + i]!));
  const config = { ...LANGUAGE, theta: THETA, epsilon: EPSILON };
  return naiveLanguage([...embedded(before), ...image, ...embedded(after)], weights, config, afterBlock);
}

export function projectorTensors(from = TOWER.architecture.vision.width): WrittenLlava["projector"] {
  const random = new Random(9);
  const tensor = (deviation: number, ...shape: number[]): FloatTensor =>
    floatTensor(
      random.centred(
        shape.reduce((a, b) => a * b, 1),
        deviation,
      ),
      shape,
    );
  const { width } = LANGUAGE;
  return [tensor(1 / Math.sqrt(from), width, from), tensor(0.3, width), tensor(0.4, width, width), tensor(0.3, width)];
}

function linear(x: number[], { data, shape }: FloatTensor, bias: FloatTensor): number[] {
  return Array.from({ length: shape[0]! }, (_, row) =>
    x.reduce((sum, value, i) => sum + value * data[row * x.length + i]!, bias.data[row]!),
  );
}

function gelu(x: number): number {
  return 0.5 * x * (1 + erf(x / Math.SQRT2));
}
