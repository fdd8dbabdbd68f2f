/**
 * What a model is, from its weights and its settings together: sizes are the weights' own, the rest is configured. Reads no
 * file.
 */
import { UsageError } from "../../engine/errors.js";
import { originalSettings } from "../families/timm-config.js";
import { publishedHeads } from "./architectures.js";
import type { TextConfig, VisionConfig } from "./clip.js";
import { CLIP_END_TOKEN, type ClipSettings, type TowerSettings } from "./config.js";
import { AmbiguousModelError, ModelConfigError } from "./errors.js";
import type { Family, Layout } from "./layouts.js";
import { learntGrid } from "./position.js";
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
  readonly family: Family;
}

const LARGEST_IMAGE = 65_536;
/** What every CLIP without another word uses, OpenAI's among them. */
const DEFAULT_HEAD_WIDTH = 64;
const DEFAULT_EPSILON = 1e-5;

/** Throws {@link ModelConfigError}, {@link AmbiguousModelError}, {@link UsageError}. */
export function clipConfig(
  weights: ClipWeights,
  configured: ClipSettings | undefined,
  overrides: SizeOverrides,
  origin: Origin,
): ClipConfig {
  const settings = configured ?? impliedSettings(weights, origin);
  checkFamily(settings, origin);
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

/** What published models are where no file says so. */
function impliedSettings({ vision }: ClipWeights, { family, layout, path }: Origin): ClipSettings | undefined {
  if (family === "clip") return undefined;
  if (layout === "timm") return originalSettings(family, path, vision.registers !== undefined);
  throw new AmbiguousModelError({
    what: "the checkpoint does not say how many heads the model has, and the weights cannot tell",
    where: path,
    expected: "config.json beside the weights",
    fix: "name a folder that holds both",
  });
}

/** timm's weights do not tell whether a tower with LayerScale is DINOv2; others' do. */
function checkFamily(settings: ClipSettings | undefined, origin: Origin): void {
  if (settings === undefined || settings.family === origin.family || origin.layout === "timm") return;
  throw misfit(origin, "kind of model", settings.family, `${origin.family}, of which the weights are`);
}

function visionConfig(
  tower: ClipWeights["vision"],
  settings: ClipSettings | undefined,
  imageSize: number | undefined,
  activation: Activation,
  origin: Origin,
): VisionConfig {
  const [width, , patchSize] = tower.patch.shape as [number, number, number];
  const rows = tower.position.shape[0]!;
  const learnt = learntGrid(rows);
  const hasClass = tower.classEmbedding !== undefined;
  if (!Number.isInteger(learnt.grid) || learnt.grid < 1 || (learnt.classRow && !hasClass)) {
    throw misfit(origin, "position table", `${rows} rows`, hasClass ? "1 + a square number" : "a square number");
  }
  if (imageSize !== undefined) checkImageSize(imageSize, patchSize);
  const side = imageSize ?? settings?.vision.imageSize ?? learnt.grid * patchSize;
  if (side < patchSize) throw misfit(origin, "image size", `${side} pixels`, `at least one patch of ${patchSize}`);
  // Pixels past the last whole patch are not seen, as in the convolution that cuts the patches.
  const grid = Math.floor(side / patchSize);
  const prefix = (hasClass ? 1 : 0) + (tower.registers?.shape[0] ?? 0);
  const { projection } = tower;
  return {
    ...towerConfig("vision", tower, width, settings?.vision, activation, origin),
    patchSize,
    imageSize: side,
    grid,
    prefix,
    tokens: prefix + grid * grid,
    pooling: tower.pool !== undefined ? "attention" : hasClass ? "class" : "mean",
    positionResampling: settings?.vision.positionResampling ?? "antialiased",
    features: projection === undefined ? width : projection.weight.shape[projection.order === "in-out" ? 1 : 0]!,
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
    ...(settings?.text?.padToken === undefined ? {} : { padToken: settings.text.padToken }),
    ...(settings?.text?.bidirectional === undefined ? {} : { bidirectional: settings.text.bidirectional }),
  };
}

function endTokenOf({ text }: ClipSettings, vocabulary: number, origin: Origin): TextConfig["endToken"] {
  const endToken = text?.endToken;
  if (endToken === "largest") return undefined;
  if (endToken === undefined) return CLIP_END_TOKEN < vocabulary ? CLIP_END_TOKEN : undefined;
  if (endToken === "last" || endToken < vocabulary) return endToken;
  throw misfit(origin, "end token", String(endToken), `an id below ${vocabulary}, the size of the vocabulary`);
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
  const { fc1, fc1Linear } = blocks[0]!;
  const hidden = fc1.bias.shape[0]!;
  const epsilon = settings?.epsilon ?? DEFAULT_EPSILON;
  // Configurations of gated MLPs name the activation of plain ones.
  const used = fc1Linear === undefined ? activation : "silu";
  return { layers: blocks.length, width, hidden, heads, activation: used, epsilon };
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
