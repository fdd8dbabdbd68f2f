/**
 * CLIP: a vision tower and a text tower over one space. Its relatives are handled alike: SigLIP, and vision towers without
 * texts such as DINO's.
 *
 * Source: Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision".
 */
import { UsageError } from "../../engine/errors.js";
import { equal, where } from "../../engine/graph/ops/compare.js";
import { constant, input, weight } from "../../engine/graph/ops/leaves.js";
import { type Edit, type Edits, matches, select, type Selector } from "../../engine/graph/sites.js";
import type { Value } from "../../engine/graph/value.js";
import type { RgbImage } from "../../engine/media/image.js";
import { toPixels } from "../../engine/media/pixels.js";
import type { TextTokenizer } from "../../engine/media/tokenizer.js";
import type { Device } from "../../engine/runtime/session.js";
import type { Shape } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { type FloatTensor, floatTensor, type Tensor } from "../../engine/tensor/tensor.js";
import type { CheckpointFile } from "../../engine/weights/checkpoint.js";
import { MissingPartError, PixelShapeError } from "./errors.js";
import { fitImage, type Preprocessing } from "./preprocess.js";
import type { Family, Layout } from "./layouts.js";
import { type PositionResampling, positionTable } from "./position.js";
import { Tower } from "./tower.js";
import { cutRows, neededLength, type TokenRows, tokenRows } from "./token-rows.js";
import { textTower, type TextTowerConfig, visionTower } from "./towers.js";
import type { BlockConfig } from "./transformer.js";
import {
  type ClipWeights,
  isStored,
  mapWeights,
  type Projection,
  type TextWeights,
  type VisionWeights,
} from "./weights.js";

/** Everything that defines a model; sizes not listed here are the weights' own. */
export interface ClipParts {
  /** The reference it was loaded by, for messages and provenance. */
  readonly ref: string;
  readonly source: ClipSource;
  readonly weights: ClipWeights;
  readonly vision: VisionConfig;
  readonly text?: TextConfig;
  /** Factor on cosine similarities that gives logits; 1 where the checkpoint has none, so that probabilities mean little. */
  readonly logitScale: number;
  /** What is added to scaled cosines where each text is judged by itself: the logistic function gives its probability. */
  readonly logitBias?: number;
  readonly preprocessing: Preprocessing;
  readonly tokenizer?: TextTokenizer;
}

/** Where the weights came from. */
export interface ClipSource {
  readonly path: string;
  readonly origin: "path" | "zoo" | "hub";
  /** Commit of the hub's repository. */
  readonly commit?: string;
  readonly family: Family;
  readonly layout: Layout;
  readonly files: readonly CheckpointFile[];
}

export interface VisionConfig extends BlockConfig {
  readonly layers: number;
  readonly width: number;
  readonly hidden: number;
  readonly patchSize: number;
  readonly imageSize: number;
  /** Patches on each side. */
  readonly grid: number;
  /** Tokens before the patches: the class token and registers, where there are any. */
  readonly prefix: number;
  /** All tokens. */
  readonly tokens: number;
  /**
   * What the features are read from: the class token, or attention of one learnt query to all tokens. "mean": a tower that was stored
   * without its pool, for a vision-language model; its features are the mean of its tokens, which nothing was trained to be compared by.
   */
  readonly pooling: "class" | "attention" | "mean";
  readonly positionResampling: PositionResampling;
  /** Width of the space that pictures and texts share, or of the features where there are no texts. */
  readonly features: number;
}

export interface TextConfig extends TextTowerConfig {
  readonly layers: number;
  readonly width: number;
  readonly contextLength: number;
  readonly vocabulary: number;
  /** Where texts are read: at this id's first occurrence, or always at the last place; by default, at the largest id. */
  readonly endToken?: number | "last";
  /** Fills up rows whose texts are shorter; 0 unless told. It counts where texts are read at the last place. */
  readonly padToken?: number;
}

export interface EncodeOptions {
  /** Largest number of examples per run; default 8. */
  readonly batch?: number;
}

export interface EncodeTextOptions extends EncodeOptions {
  /**
   * Tokens that each text is given, from what the longest needs ({@link Clip.textLength}) to the model's context, which is the default.
   * What follows a text's end has no effect, so that features are the same up to rounding, at a fraction of the cost for short texts.
   */
  readonly length?: number;
}

/** What `read` returns for each selector: one tensor for a name, a list in model order for a pattern. */
export type ReadResult<S extends Selector> = S extends `${string}*${string}` ? FloatTensor[] : FloatTensor;

/**
 * A CLIP, ready to encode, read and edit. Immutable: edits give a new model over the same weights.
 * Holds native memory once used: dispose of it (or declare it with `await using`).
 */
export class Clip implements AsyncDisposable {
  readonly parts: ClipParts;
  /** Runs the vision tower; methods extend its graph. Input: `pixels` [B,3,S,S]. */
  readonly vision: Tower<VisionWeights<Value>>;
  readonly device: Device;
  readonly #edits: Edits;
  readonly #text: Tower<TextWeights<Value>> | undefined;

  constructor(parts: ClipParts, device: Device = "cpu", edits: Edits = []) {
    this.parts = parts;
    this.device = device;
    this.#edits = edits;
    const { text } = parts;
    this.vision = editedTower(device, edits, (batch) => buildVision(parts, batch));
    if (text !== undefined)
      this.#text = editedTower(device, edits, (batch, length) => buildText(parts, text, batch, length));
  }

  /** Names of all sites, vision tower first. */
  sites(): string[] {
    return [...this.vision.graph().names, ...(this.#text?.graph().names ?? [])];
  }

  /** Shapes of all sites for a batch of 1, by name. */
  siteShapes(): Map<string, Shape> {
    const graphs = [this.vision.graph(), ...(this.#text === undefined ? [] : [this.#text.graph()])];
    return new Map(graphs.flatMap((graph) => graph.names.map((name) => [name, graph.site(name).shape] as const)));
  }

  /**
   * The same model with values replaced at sites, after any edits it has already. An edit sees values of whole batches.
   * Throws `UnknownSiteError` when a selector matches nothing; an edit that changes a shape gives an `EditShapeError` when
   * the model runs.
   */
  edit(edits: Readonly<Record<Selector, Edit>>): Clip {
    const names = this.sites();
    for (const selector of Object.keys(edits)) select(names, selector);
    return new Clip(this.parts, this.device, [...this.#edits, ...Object.entries(edits)]);
  }

  /** Pictures as the model's input: fitted to its size and normalised, [B,3,S,S]. */
  preprocess(images: readonly RgbImage[]): FloatTensor {
    const { preprocessing, vision } = this.parts;
    return toPixels(
      images.map((image) => fitImage(image, vision.imageSize, preprocessing)),
      preprocessing,
    );
  }

  /** Image features [B, d_out], not normalised, of pixels [B,3,S,S]. */
  async encodeImage(pixels: FloatTensor, options: EncodeOptions = {}): Promise<FloatTensor> {
    this.checkPixels(pixels);
    const { features } = await this.vision.run("features", { pixels }, ({ features }) => ({ features }), options);
    return features;
  }

  /**
   * Text features [C, d_out], not normalised, of texts or of token ids int32 [C, length], length up to the model's context.
   * Throws {@link MissingPartError} when the model has no text tower or no tokenizer, {@link UsageError} for unusable ids and for a
   * length that a text does not fit.
   */
  async encodeText(texts: readonly string[] | Tensor<"int32">, options: EncodeTextOptions = {}): Promise<FloatTensor> {
    const all = this.textRows(texts);
    if (all.tokens.shape[0] === 0) return floatTensor(new Float32Array(0), [0, this.parts.vision.features]);
    const rows = options.length === undefined ? all : cutRows(all, options.length, this.parts.text!);
    const { features } = await this.text.run("features", rows, ({ features }) => ({ features }), options);
    return features;
  }

  /** Tokens that the longest of these texts needs, its end included; the model's context where what follows the end counts. */
  textLength(texts: readonly string[] | Tensor<"int32">): number {
    return neededLength(this.textRows(texts), this.parts.text!);
  }

  /** Image features and any sites of the vision tower, in one run. Throws `UnknownSiteError`. */
  async read<const R extends Readonly<Record<string, Selector>>>(
    pixels: FloatTensor,
    reads: R,
  ): Promise<{ features: FloatTensor } & { [K in keyof R]: ReadResult<R[K]> }> {
    this.checkPixels(pixels);
    return readSites(this.vision, { pixels }, reads);
  }

  /** Text features and any sites of the text tower, in one run. Throws `UnknownSiteError`, {@link MissingPartError}. */
  async readText<const R extends Readonly<Record<string, Selector>>>(
    texts: readonly string[] | Tensor<"int32">,
    reads: R,
  ): Promise<{ features: FloatTensor } & { [K in keyof R]: ReadResult<R[K]> }> {
    return readSites(this.text, this.textRows(texts), reads);
  }

  /** Throws {@link PixelShapeError} unless `pixels` are [B,3,S,S] of this model's size. */
  checkPixels(pixels: Tensor): void {
    const { imageSize } = this.parts.vision;
    const [batch, channels, height, width] = pixels.shape;
    const fits = channels === 3 && height === imageSize && width === imageSize && pixels.shape.length === 4;
    if (fits && batch! > 0 && pixels.dtype === "float32") return;
    throw new PixelShapeError({
      what: "pixels do not fit the model",
      where: this.parts.ref,
      got: `${pixels.dtype} [${pixels.shape.join(",")}]`,
      expected: `float32 [B,3,${imageSize},${imageSize}] with B at least 1`,
      fix: "make them with `clip.preprocess`",
    });
  }

  async dispose(): Promise<void> {
    await this.vision.dispose();
    await this.#text?.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  /**
   * Runs the text tower; methods extend its graph. Inputs: those of {@link Clip.textRows}. Throws {@link MissingPartError} when the
   * model has none.
   */
  get text(): Tower<TextWeights<Value>> {
    if (this.#text === undefined) throw this.#noText();
    return this.#text;
  }

  /**
   * Texts, or their token ids, as the text tower takes them. Throws {@link MissingPartError} when the model has no text tower or no
   * tokenizer, {@link UsageError} for unusable ids.
   */
  textRows(texts: readonly string[] | Tensor<"int32">): TokenRows {
    const { tokenizer, text, ref } = this.parts;
    if (text === undefined) throw this.#noText();
    if ("data" in texts) return tokenRows(texts, text);
    if (tokenizer === undefined) {
      throw new MissingPartError({
        what: "the model has no tokenizer",
        where: ref,
        expected: "tokenizer.json beside the weights",
        fix: "copy it from the model's page",
      });
    }
    return tokenRows(tokenizer.encode(texts, { contextLength: text.contextLength, padId: text.padToken ?? 0 }), text);
  }

  #noText(): MissingPartError {
    return new MissingPartError({
      what: "the model has no text tower",
      where: this.parts.ref,
      got: "texts",
      fix: "compare with pictures instead (`vitrine decompose --like`), or use a checkpoint with both towers",
    });
  }
}

function buildVision(
  { weights, vision }: ClipParts,
  batch: number,
): { features: Value; weights: VisionWeights<Value> } {
  const pixels = input("pixels", [batch, 3, vision.imageSize, vision.imageSize]);
  const { projection = identity(vision.width), ...stored } = toValues(weights.vision);
  const { grid, prefix, positionResampling: resampling } = vision;
  const values = { ...stored, projection, position: positionTable(stored.position, { grid, prefix, resampling }) };
  return { features: visionTower(pixels, values, vision), weights: values };
}

/** The projection of a tower whose features are its own, for methods that go through one. */
function identity(width: number): Projection<Value> {
  const row = Float32Array.from({ length: width }, (_, i) => i);
  const isDiagonal = equal(constant(floatTensor(row, [width, 1])), constant(floatTensor(row, [1, width])));
  return { weight: where(isDiagonal, 1, 0), order: "in-out", identity: true };
}

function buildText(
  { weights }: ClipParts,
  text: TextConfig,
  batch: number,
  length = text.contextLength,
): { features: Value; weights: TextWeights<Value> } {
  const tokens = input("tokens", [batch, length], "int32");
  const ends = input("ends", [batch], "int32");
  const values = toValues(weights.text!);
  return { features: textTower(tokens, ends, values, text), weights: values };
}

const toValues = <W>(weights: W) => mapWeights(weights, isStored, (stored: StoredTensor): Value => weight(stored));

/** A tower with those of the edits that are its own. */
function editedTower<W>(
  device: Device,
  edits: Edits,
  build: (batch: number, length?: number) => { readonly features: Value; readonly weights: W },
): Tower<W> {
  const names = edits.length === 0 ? [] : new Tower({ device, edits: [], build }).graph().names;
  return new Tower({ device, edits: edits.filter(([selector]) => matches(names, selector)), build });
}

async function readSites<W, R extends Readonly<Record<string, Selector>>>(
  tower: Tower<W>,
  rows: Readonly<Record<string, Tensor>>,
  reads: R,
): Promise<{ features: FloatTensor } & { [K in keyof R]: ReadResult<R[K]> }> {
  const wanted = Object.entries(reads);
  if ("features" in reads) {
    throw new UsageError({
      what: "`features` is always read, and cannot name a site to read",
      fix: "choose another key",
    });
  }
  const output = (read: number, i: number): string => `${read}:${i}`;
  const found = await tower.run<string>(`read:${JSON.stringify(wanted)}`, rows, (graph) => {
    const entries = wanted.flatMap(([, selector], read) =>
      graph.sites(selector).map((value, i) => [output(read, i), value] as const),
    );
    return { ...Object.fromEntries(entries), features: graph.features };
  });
  const results = wanted.map(([name, selector], read) => {
    const all: FloatTensor[] = [];
    for (let i = 0; output(read, i) in found; i++) all.push(found[output(read, i)]!);
    return [name, selector.includes("*") ? all : all[0]] as const;
  });
  return { features: found["features"]!, ...Object.fromEntries(results) } as never;
}
