/** From a checkpoint to a {@link Clip}. */
import { access, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { loadTokenizer, type Tokenizer } from "../../engine/media/tokenizer.js";
import type { Device } from "../../engine/runtime/session.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { readStored } from "../../engine/weights/read-stored.js";
import { type HubAccess, locateModel } from "../locate.js";
import { publishedHeads } from "./architectures.js";
import { Clip, type TextConfig, type VisionConfig } from "./clip.js";
import { type ClipSettings, readSettings, type TowerSettings } from "./config.js";
import { AmbiguousModelError, ModelConfigError, TokenizerMismatchError } from "./errors.js";
import { type Layout, readClipWeights } from "./layouts.js";
import { OPENAI_PREPROCESSING } from "./preprocess.js";
import type { Activation } from "./transformer.js";
import type { ClipWeights } from "./weights.js";

export interface LoadOptions extends HubAccess {
  readonly device?: Device;
  /** Overrides what the configuration says. Needed where there is none and the weights are not OpenAI's own. */
  readonly activation?: Activation;
  /** Side of the pictures in pixels; the position table is resampled when it was learnt on another. */
  readonly imageSize?: number;
}

/**
 * Loads a CLIP: configuration and places of the weights; nothing is computed and no weight is read yet.
 * `ref` is a file, a folder, a zoo name or a hub id. Throws `VitrineError`s: of the file formats, of the hub, and
 * `WrongFamilyError`, `WeightShapeError`, `ModelConfigError`, `AmbiguousModelError`.
 */
export async function loadClip(ref: string, options: LoadOptions = {}): Promise<Clip> {
  const { path, origin, commit } = await locateModel(ref, options);
  const checkpoint = await openCheckpoint(path);
  const { layout, weights } = readClipWeights(checkpoint);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  const settings = await readSettings(folder, layout);
  const activation = options.activation ?? settings?.vision.activation ?? impliedActivation(layout, checkpoint);
  const vision = visionConfig(weights, settings, activation, checkpoint, options.imageSize);
  const text =
    weights.text &&
    textConfig(weights.text, settings, options.activation ?? settings?.text.activation ?? activation, checkpoint);
  const tokenizer = text === undefined ? undefined : await readTokenizer(folder, text);
  return new Clip(
    {
      ref,
      source: { path, origin, layout, files: checkpoint.files, ...(commit === undefined ? {} : { commit }) },
      weights,
      vision,
      ...(text === undefined ? {} : { text }),
      logitScale: weights.logitScale === undefined ? 1 : Math.exp(readStored(weights.logitScale).data[0]!),
      preprocessing: settings?.preprocessing ?? OPENAI_PREPROCESSING,
      ...(tokenizer === undefined ? {} : { tokenizer }),
    },
    options.device,
  );
}

function visionConfig(
  weights: ClipWeights,
  settings: ClipSettings | undefined,
  activation: Activation,
  checkpoint: Checkpoint,
  imageSize: number | undefined,
): VisionConfig {
  const tower = weights.vision;
  const { weight, order } = tower.projection;
  const patchSize = tower.patch.shape[2]!;
  const learntGrid = Math.sqrt(tower.position.shape[0]! - 1);
  if (!Number.isInteger(learntGrid) || learntGrid < 1) {
    throw misfit(checkpoint, "position table", `${tower.position.shape[0]} rows`, "1 + a square number");
  }
  const side = imageSize ?? settings?.vision.imageSize ?? learntGrid * patchSize;
  if (side < patchSize) throw misfit(checkpoint, "image size", `${side} pixels`, `at least one patch of ${patchSize}`);
  // Pixels past the last whole patch are not seen, as in the convolution that cuts the patches.
  const grid = Math.floor(side / patchSize);
  return {
    ...towerConfig("vision", tower, tower.classEmbedding.shape[0]!, settings?.vision, activation, checkpoint),
    patchSize,
    imageSize: side,
    grid,
    tokens: grid * grid + 1,
    features: weight.shape[order === "in-out" ? 1 : 0]!,
  };
}

function textConfig(
  tower: NonNullable<ClipWeights["text"]>,
  settings: ClipSettings | undefined,
  activation: Activation,
  checkpoint: Checkpoint,
): TextConfig {
  const [vocabulary, width] = tower.tokens.shape as [number, number];
  return {
    ...towerConfig("text", tower, width, settings?.text, activation, checkpoint),
    vocabulary,
    contextLength: tower.position.shape[0]!,
  };
}

function towerConfig(
  tower: "vision" | "text",
  { blocks }: Pick<ClipWeights["vision"], "blocks">,
  width: number,
  settings: TowerSettings | undefined,
  activation: Activation,
  checkpoint: Checkpoint,
): Pick<VisionConfig, "layers" | "width" | "hidden" | "heads" | "activation" | "epsilon"> {
  const heads =
    settings?.heads ??
    (settings?.headWidth === undefined ? undefined : width / settings.headWidth) ??
    publishedHeads(tower, width, blocks.length) ??
    width / DEFAULT_HEAD_WIDTH;
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw misfit(checkpoint, `heads of the ${tower} tower`, String(heads), `a divisor of its width ${width}`);
  }
  const hidden = blocks[0]!.fc1.bias.shape[0]!;
  return { layers: blocks.length, width, hidden, heads, activation, epsilon: settings?.epsilon ?? 1e-5 };
}

/** What every CLIP without another word uses, OpenAI's among them. */
const DEFAULT_HEAD_WIDTH = 64;

function impliedActivation(layout: Layout, checkpoint: Checkpoint): Activation {
  if (layout === "openai") return "quick_gelu";
  throw new AmbiguousModelError({
    what: "the checkpoint does not say which activation the model was trained with, and the weights cannot tell",
    where: checkpoint.path,
    fix: "pass --activation quick_gelu (OpenAI weights) or --activation gelu (LAION, DataComp), or a folder with open_clip_config.json or config.json",
  });
}

function misfit(checkpoint: Checkpoint, what: string, got: string, expected: string): ModelConfigError {
  return new ModelConfigError({
    what: `unusable ${what}`,
    where: checkpoint.path,
    got,
    expected,
    fix: "check that the configuration belongs to these weights",
  });
}

async function readTokenizer(folder: string, { vocabulary }: TextConfig): Promise<Tokenizer | undefined> {
  const file = join(folder, "tokenizer.json");
  if (!(await exists(file))) return undefined;
  const tokenizer = await loadTokenizer(file);
  if (tokenizer.vocabularySize <= vocabulary) return tokenizer;
  throw new TokenizerMismatchError({
    what: "the tokenizer knows more tokens than the model",
    where: file,
    got: `${tokenizer.vocabularySize} tokens`,
    expected: `at most ${vocabulary}, the rows of the token embedding`,
    fix: "use the tokenizer.json of this model",
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
