/** `decomposition.safetensors`: what is written, and as what. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { TensorDeclaration } from "../../engine/weights/safetensors/layout.js";
import { SafetensorsWriter } from "../../engine/weights/safetensors/writer.js";
import { attribute } from "../../methods/decompose/attribution.js";
import { tokenTexts } from "../../methods/decompose/report/findings.js";
import type { VisionConfig } from "../../models/clip/clip.js";
import { readLayers } from "../../models/clip/readout.js";
import type { DecomposedBatch } from "./stream.js";

export interface TensorFileOptions {
  readonly images: readonly string[];
  readonly texts: readonly string[];
  /** Unit directions [T,D], with texts; "own": those of each picture's own features. */
  readonly directions: FloatTensor | "own" | undefined;
  /** Also every head's and every token's contributions. */
  readonly full: boolean;
  /** Further metadata. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Axes, outermost first, with their sizes. */
type Axes = Readonly<Record<string, number>>;

export class TensorFile implements AsyncDisposable {
  readonly #writer: SafetensorsWriter;
  readonly #options: TensorFileOptions;

  private constructor(writer: SafetensorsWriter, options: TensorFileOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  /** Begins the file. Throws `DiskFullError`, `FileUnwritableError`, as do the methods. */
  static async create(path: string, vision: VisionConfig, options: TensorFileOptions): Promise<TensorFile> {
    const tensors = tensorAxes(vision, options);
    const declared = Object.entries(tensors).map(([name, axes]): TensorDeclaration => {
      return { name, dtype: "F32", shape: Object.values(axes) };
    });
    const axisNames = Object.entries(tensors).map(([name, axes]) => [name, Object.keys(axes)] as const);
    const metadata = {
      ...options.metadata,
      axes: JSON.stringify(Object.fromEntries(axisNames)),
      images: JSON.stringify(options.images),
      texts: JSON.stringify(options.texts),
    };
    const writer = await SafetensorsWriter.create(path, declared, metadata);
    if (hasTexts(options)) await writer.writeRows("text_features", 0, options.directions.data);
    return new TensorFile(writer, options);
  }

  async add({ start, decomposition, headContributions, directions }: DecomposedBatch): Promise<void> {
    const { full } = this.#options;
    const { image_features, head_coordinates, head_scalars, mlp_contributions } = decomposition;
    const tensors: Record<string, FloatTensor> = {
      image_features,
      head_coordinates,
      head_scalars,
      mlp_contributions,
    };
    if (directions !== undefined) {
      tensors["head_text"] = attribute(headContributions, decomposition, directions).heads;
      tensors["token_text"] = tokenTexts(decomposition.text_maps!);
    }
    if (full) {
      tensors["head_contributions"] = headContributions;
      tensors["token_contributions"] = decomposition.token_contributions!;
    }
    for (const [name, { data }] of Object.entries(tensors)) await this.#writer.writeRows(name, start, data);
  }

  async finish(): Promise<void> {
    await this.#writer.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.abort();
  }
}

/** Whether there are directions that all pictures share. */
function hasTexts(options: TensorFileOptions): options is TensorFileOptions & { readonly directions: FloatTensor } {
  return options.directions !== undefined && options.directions !== "own";
}

function tensorAxes(vision: VisionConfig, options: TensorFileOptions): Record<string, Axes> {
  const { images, texts, full } = options;
  const { heads, width, tokens, features } = vision;
  const layers = readLayers(vision);
  const image = images.length;
  const text = texts.length;
  return {
    image_features: { image, feature: features },
    head_coordinates: { image, layer: layers, head: heads, coordinate: width / heads },
    head_scalars: { image, scalar: 3 },
    mlp_contributions: { image, start_and_layer: layers + 1, feature: features },
    ...(text > 0 && {
      ...(hasTexts(options) && { text_features: { text, feature: features } }),
      head_text: { image, layer: layers, head: heads, text },
      token_text: { image, token: tokens, text },
    }),
    ...(full && {
      head_contributions: { image, layer: layers, head: heads, feature: features },
      token_contributions: { image, layer: layers, token: tokens, feature: features },
    }),
  };
}
