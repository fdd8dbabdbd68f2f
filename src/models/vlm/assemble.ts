/** From weights that are located and texts of files beside them to a {@link VisionLanguageModel}. Knows no file system. */
import type { LanguageTokenizer } from "../../engine/media/language-tokenizer.js";
import type { Device } from "../../engine/runtime/session.js";
import { sizeOf } from "../../engine/tensor/shape.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import type { Checkpoint } from "../../engine/weights/checkpoint.js";
import { assembleClip, type ClipFiles } from "../clip/assemble.js";
import { checkpointSource } from "../clip/checkpoint-source.js";
import type { Clip } from "../clip/clip.js";
import { unreadable } from "../clip/config-file.js";
import { ModelConfigError } from "../clip/errors.js";
import type { TensorSource } from "../clip/tensor-source.js";
import type { LanguageConfig } from "../language/config.js";
import { bytesOf, LanguageModel } from "../language/language-model.js";
import { languageWeights } from "../language/layout.js";
import type { LanguageWeights } from "../language/weights.js";
import type { Bridge } from "./bridge.js";
import { chatPrompt } from "./chat-template.js";
import { framingTokens } from "./framing-tokens.js";
import { projectorWeights, subCheckpoint, type VlmLayout, vlmLayout } from "./layout.js";
import { checkQueryCount } from "./query-count.js";
import { queryFormerWeights } from "./query-former-layout.js";
import { type ReadVlmConfig, vlmConfig } from "./read-config.js";
import { tokenizerBeside } from "./tokenizer-beside.js";
import { VisionLanguageModel } from "./vision-language-model.js";

/** What a model takes of memory, in bytes. */
export interface NeededBytes {
  /** Of the language model's weights, which are held twice. */
  readonly language: number;
  /** Of what is held once: the vision tower, where it lies in the checkpoint, and what stands between the two. */
  readonly others: number;
}

export interface AssembleVlmOptions {
  readonly device?: Device;
  /** Told what the weights take, before anything else is opened; throws where they cannot fit. */
  readonly checkMemory?: (where: string, bytes: NeededBytes) => void;
}

/** Opens the vision tower by the name that the configuration has for it, where it is no part of the checkpoint. */
export type OpenTower = (ref: string) => Promise<Clip>;

/** Nothing is computed and no weight but scalars is read. Throws what `loadVlm` throws, but for the hub's and file system's errors. */
export async function assembleVlm(
  files: ClipFiles,
  openTower: OpenTower,
  options: AssembleVlmOptions = {},
): Promise<VisionLanguageModel> {
  const { ref, path, checkpoint } = files;
  const layout = vlmLayout(checkpoint);
  const config = await readVlmConfig(files);
  const source = checkpointSource(checkpoint, new Set());
  const weights = languageWeights(source, layout.language, config.language);
  options.checkMemory?.(path, { language: bytesOf(weights), others: othersOf(checkpoint, layout) });
  const { towerSource } = config;
  const tower =
    "ref" in towerSource
      ? await openTower(towerSource.ref)
      : await assembleClip(towerInside(files, layout.tower ?? "", towerSource.config), options);
  const tokenizer = await tokenizerBeside(files, "", weights.tokens.shape[0]!);
  const language = checkedSizes(await framingTokens(files, config.language, tokenizer), weights, path);
  return new VisionLanguageModel({
    ref,
    tower,
    language: new LanguageModel(weights, language, options.device),
    bridge: await bridgeOf(files, source, layout, config, tower.parts.vision.width),
    tokenizer,
    config: { ...config, language, prompt: await promptOf(files, config, language, tokenizer) },
    files: checkpoint.files,
    metadata: checkpoint.metadata,
  });
}

/** The model's own prompt, or what its chat template makes, or the usual one. */
async function promptOf(
  files: ClipFiles,
  { prompt, templates }: ReadVlmConfig,
  { startToken }: LanguageConfig,
  tokenizer: LanguageTokenizer,
): Promise<string> {
  if (templates === "none") return prompt;
  const startText = startToken === undefined ? undefined : tokenizer.tokenOf(startToken);
  const options = { tokenizers: templates === "tokenizer", ...(startText === undefined ? {} : { startText }) };
  return (await chatPrompt(files, options)) ?? prompt;
}

async function bridgeOf(
  files: ClipFiles,
  source: TensorSource<StoredTensor>,
  { projector }: VlmLayout,
  { queries, language }: ReadVlmConfig,
  towerWidth: number,
): Promise<Bridge> {
  if (projector !== undefined) {
    return { kind: "projector", weights: projectorWeights(source, projector, towerWidth, language.width) };
  }
  if (queries === undefined) {
    throw new ModelConfigError({
      what: "the configuration is not that of the weights",
      where: `${files.folder}/config.json: model_type`,
      expected: "instructblip, as the weights have a Q-Former",
      fix: "get both from one page",
    });
  }
  const weights = queryFormerWeights(source, towerWidth, language.width);
  await checkQueryCount(files, weights.queries.shape[0]!, queries.count);
  const tokenizer = await tokenizerBeside(files, "qformer_tokenizer/", weights.words.shape[0]!);
  return { kind: "queries", weights, config: queries.config, tokenizer };
}

/** As float32, in which the runtime holds them. */
function othersOf(checkpoint: Checkpoint, { language }: VlmLayout): number {
  const isLanguage = (name: string): boolean => name.startsWith(language.prefix) || name.startsWith(language.head);
  return checkpoint
    .names()
    .filter((name) => !isLanguage(name))
    .reduce((sum, name) => sum + 4 * sizeOf(checkpoint.get(name).shape), 0);
}

function towerInside(files: ClipFiles, prefix: string, config: object): ClipFiles {
  return {
    ...files,
    checkpoint: subCheckpoint(files.checkpoint, prefix),
    read: (name) => (name === "config.json" ? Promise.resolve(JSON.stringify(config)) : files.read(name)),
  };
}

async function readVlmConfig({ folder, read }: ClipFiles): Promise<ReadVlmConfig> {
  const path = `${folder}/config.json`;
  const text = await read("config.json");
  if (text === undefined) {
    throw new ModelConfigError({
      what: "the model has no configuration",
      where: folder,
      expected: "config.json beside the weights",
      fix: "copy it from the model's page",
    });
  }
  try {
    return vlmConfig({ path, json: JSON.parse(text) as unknown });
  } catch (error) {
    if (error instanceof SyntaxError) throw unreadable(path, "config.json", error);
    throw error;
  }
}

/** The configuration, where the weights agree with it; the vocabulary is that of the weights, which may be padded. */
function checkedSizes(config: LanguageConfig, weights: LanguageWeights<StoredTensor>, path: string): LanguageConfig {
  const found = {
    layers: weights.blocks.length,
    width: weights.tokens.shape[1]!,
  };
  for (const name of ["layers", "width"] as const) {
    if (found[name] === config[name]) continue;
    throw new ModelConfigError({
      what: "the configuration is not that of the weights",
      where: `${path}: ${name}`,
      got: String(config[name]),
      expected: `${found[name]}, as the weights have`,
      fix: "get both from one page",
    });
  }
  return { ...config, vocabulary: weights.head.shape[0] };
}
