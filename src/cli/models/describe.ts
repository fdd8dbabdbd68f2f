/** What `vitrine models info` tells of a model. */
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Clip, VisionConfig } from "../../models/clip/clip.js";
import { readSettings } from "../../models/clip/read-config.js";
import type { Family } from "../../models/clip/layouts.js";
import type { Preprocessing } from "../../models/clip/preprocess.js";
import type { Activation } from "../../models/clip/transformer.js";
import { mapWeights, type StoredVisionWeights } from "../../models/clip/weights.js";

export interface TowerDescription {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly headWidth: number;
  readonly hidden: number;
  readonly activation: Activation;
  readonly parameters: number;
}

export interface ModelDescription {
  readonly ref: string;
  readonly origin: "path" | "zoo" | "hub";
  readonly path: string;
  readonly commit?: string;
  readonly family: Family;
  readonly layout: string;
  /** Element types of the weights. */
  readonly dtypes: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly vision: TowerDescription & {
    readonly imageSize: number;
    readonly patchSize: number;
    readonly grid: number;
    readonly tokens: number;
    readonly pooling: VisionConfig["pooling"];
    /** Tokens beside the class token and the patches. */
    readonly registers: number;
  };
  readonly text?: TowerDescription & { readonly contextLength: number; readonly vocabulary: number };
  readonly features: number;
  /** What said which activation the model has. */
  readonly activationFrom: string;
  /** Factor on cosine similarities, and what is added where each text is judged by itself. */
  readonly logitScale: number;
  readonly logitBias?: number;
  readonly preprocessing: Preprocessing;
  readonly tokenizer: boolean;
}

export async function describeModel(clip: Clip, activationOption: Activation | undefined): Promise<ModelDescription> {
  const { ref, source, weights, vision, text, logitScale, logitBias, preprocessing, tokenizer } = clip.parts;
  const { path, origin, commit, family, layout, files } = source;
  const settings = (await stat(path)).isDirectory() ? await readSettings(path, layout) : undefined;
  const activationFrom =
    activationOption !== undefined
      ? "--activation"
      : settings === undefined
        ? `the weights' layout, which is ${layout === "openai" ? "OpenAI's" : "that of the original releases"}`
        : basename(settings.source);
  return {
    ref,
    origin,
    path,
    ...(commit === undefined ? {} : { commit }),
    family,
    layout,
    dtypes: [...new Set(tensorsOf(weights).map(({ dtype }) => dtype))],
    files: files.map(({ path: file, size }) => ({ path: file, bytes: size })),
    vision: {
      ...towerOf(vision, weights.vision),
      imageSize: vision.imageSize,
      patchSize: vision.patchSize,
      grid: vision.grid,
      tokens: vision.tokens,
      pooling: vision.pooling,
      registers: weights.vision.registers?.shape[0] ?? 0,
    },
    ...(text === undefined || weights.text === undefined
      ? {}
      : {
          text: {
            ...towerOf(text, weights.text),
            contextLength: text.contextLength,
            vocabulary: text.vocabulary,
          },
        }),
    features: vision.features,
    activationFrom,
    logitScale,
    ...(logitBias === undefined ? {} : { logitBias }),
    preprocessing,
    tokenizer: tokenizer !== undefined,
  };
}

type TowerSizes = Pick<TowerDescription, "layers" | "width" | "heads" | "activation">;

function towerOf(
  { layers, width, heads, activation }: TowerSizes,
  weights: Pick<StoredVisionWeights, "blocks">,
): TowerDescription {
  const hidden = weights.blocks[0]!.fc1.bias.shape[0]!;
  const parameters = tensorsOf(weights).reduce((count, { shape }) => count + sizeOf(shape), 0);
  return { layers, width, heads, headWidth: width / heads, hidden, activation, parameters };
}

function tensorsOf(weights: unknown): StoredTensor[] {
  const found: StoredTensor[] = [];
  mapWeights(weights, isStored, (tensor: StoredTensor) => found.push(tensor));
  return found;
}

function isStored(node: unknown): node is StoredTensor {
  return typeof node === "object" && node !== null && "dtype" in node && "bytes" in node;
}
