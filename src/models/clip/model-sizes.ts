/**
 * What a CLIP is, from its weights and its settings together: sizes are the weights' own, the rest is configured. Reads no
 * file.
 */
import { UsageError } from "../../engine/errors.js";
import { publishedHeads } from "./architectures.js";
import type { TextConfig, VisionConfig } from "./clip.js";
import { CLIP_END_TOKEN, type ClipSettings, type TowerSettings } from "./config.js";
import { AmbiguousModelError, ModelConfigError } from "./errors.js";
import type { Layout } from "./layouts.js";
import { OPENAI_PREPROCESSING, type Preprocessing, rescaledPreprocessing } from "./preprocess.js";
import type { Activation } from "./transformer.js";
import type { ClipWeights } from "./weights.js";

/** What the caller wants otherwise than configured. */
export interface SizeOverrides {
  readonly activation?: Activation | undefined;
  readonly imageSize?: number | undefined;
}

export interface ClipConfig {
  readonly vision: VisionConfig;
  readonly text?: TextConfig;
  readonly preprocessing: Preprocessing;
}

/** The checkpoint that the weights are from. */
interface Origin {
  /** For messages. */
  readonly path: string;
  readonly layout: Layout;
}

const LARGEST_IMAGE = 65_536;
/** What every CLIP without another word uses, OpenAI's among them. */
const DEFAULT_HEAD_WIDTH = 64;
const DEFAULT_EPSILON = 1e-5;

/** Throws {@link ModelConfigError}, {@link AmbiguousModelError}, {@link UsageError}. */
export function clipConfig(
  weights: ClipWeights,
  settings: ClipSettings | undefined,
  overrides: SizeOverrides,
  origin: Origin,
): ClipConfig {
  const activationOf = (tower: TowerSettings | undefined): Activation =>
    overrides.activation ?? tower?.activation ?? impliedActivation(origin);
  const vision = visionConfig(weights.vision, settings, overrides.imageSize, activationOf(settings?.vision), origin);
  const preprocessing = rescaledPreprocessing(
    settings?.preprocessing ?? OPENAI_PREPROCESSING,
    settings?.vision.imageSize ?? vision.imageSize,
    vision.imageSize,
  );
  if (weights.text === undefined) return { vision, preprocessing };
  return { vision, preprocessing, text: textConfig(weights.text, settings, activationOf(settings?.text), origin) };
}

function visionConfig(
  tower: ClipWeights["vision"],
  settings: ClipSettings | undefined,
  imageSize: number | undefined,
  activation: Activation,
  origin: Origin,
): VisionConfig {
  const { weight, order } = tower.projection;
  const patchSize = tower.patch.shape[2]!;
  const learntGrid = Math.sqrt(tower.position.shape[0]! - 1);
  if (!Number.isInteger(learntGrid) || learntGrid < 1) {
    throw misfit(origin, "position table", `${tower.position.shape[0]} rows`, "1 + a square number");
  }
  if (imageSize !== undefined) checkImageSize(imageSize, patchSize);
  const side = imageSize ?? settings?.vision.imageSize ?? learntGrid * patchSize;
  if (side < patchSize) throw misfit(origin, "image size", `${side} pixels`, `at least one patch of ${patchSize}`);
  // Pixels past the last whole patch are not seen, as in the convolution that cuts the patches.
  const grid = Math.floor(side / patchSize);
  return {
    ...towerConfig("vision", tower, tower.classEmbedding.shape[0]!, settings?.vision, activation, origin),
    patchSize,
    imageSize: side,
    grid,
    tokens: grid * grid + 1,
    features: weight.shape[order === "in-out" ? 1 : 0]!,
  };
}

function checkImageSize(imageSize: number, patchSize: number): void {
  if (Number.isSafeInteger(imageSize) && imageSize >= patchSize && imageSize <= LARGEST_IMAGE) return;
  throw new UsageError({
    what: "unusable image size",
    got: String(imageSize),
    expected: `a whole number from ${patchSize}, one patch, to ${LARGEST_IMAGE}`,
  });
}

function textConfig(
  tower: NonNullable<ClipWeights["text"]>,
  settings: ClipSettings | undefined,
  activation: Activation,
  origin: Origin,
): TextConfig {
  const [vocabulary, width] = tower.tokens.shape as [number, number];
  const endToken = settings && endTokenOf(settings, vocabulary, origin);
  return {
    ...towerConfig("text", tower, width, settings?.text, activation, origin),
    vocabulary,
    contextLength: tower.position.shape[0]!,
    ...(endToken === undefined ? {} : { endToken }),
  };
}

function endTokenOf({ text }: ClipSettings, vocabulary: number, origin: Origin): number | undefined {
  if (text.endToken === "largest") return undefined;
  if (text.endToken === undefined) return CLIP_END_TOKEN < vocabulary ? CLIP_END_TOKEN : undefined;
  if (text.endToken < vocabulary) return text.endToken;
  throw misfit(origin, "end token", String(text.endToken), `an id below ${vocabulary}, the size of the vocabulary`);
}

function towerConfig(
  tower: "vision" | "text",
  { blocks }: Pick<ClipWeights["vision"], "blocks">,
  width: number,
  settings: TowerSettings | undefined,
  activation: Activation,
  origin: Origin,
): Pick<VisionConfig, "layers" | "width" | "hidden" | "heads" | "activation" | "epsilon"> {
  const heads =
    settings?.heads ??
    (settings?.headWidth === undefined ? undefined : width / settings.headWidth) ??
    publishedHeads(tower, width, blocks.length) ??
    width / DEFAULT_HEAD_WIDTH;
  if (!Number.isInteger(heads) || heads < 1 || width % heads !== 0) {
    throw misfit(origin, `heads of the ${tower} tower`, String(heads), `a divisor of its width ${width}`);
  }
  const hidden = blocks[0]!.fc1.bias.shape[0]!;
  return { layers: blocks.length, width, hidden, heads, activation, epsilon: settings?.epsilon ?? DEFAULT_EPSILON };
}

function impliedActivation({ layout, path }: Origin): Activation {
  if (layout === "openai") return "quick_gelu";
  throw new AmbiguousModelError({
    what: "the checkpoint does not say which activation the model was trained with, and the weights cannot tell",
    where: path,
    fix: "pass --activation quick_gelu (OpenAI weights) or --activation gelu (LAION, DataComp), or a folder with open_clip_config.json or config.json",
  });
}

function misfit({ path }: Origin, what: string, got: string, expected: string): ModelConfigError {
  return new ModelConfigError({
    what: `unusable ${what}`,
    where: path,
    got,
    expected,
    fix: "check that the configuration belongs to these weights",
  });
}
