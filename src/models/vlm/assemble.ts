/** From weights that are located and texts of files beside them to a {@link VisionLanguageModel}. Knows no file system. */
import { type LanguageTokenizer, languageTokenizerOf } from "../../engine/media/language-tokenizer.js";
import { TokenizerMissingError } from "../../engine/media/tokenizer-errors.js";
import type { Device } from "../../engine/runtime/session.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { assembleClip, checkVocabulary, type ClipFiles } from "../clip/assemble.js";
import { checkpointSource } from "../clip/checkpoint-source.js";
import type { Clip } from "../clip/clip.js";
import { unreadable } from "../clip/config-file.js";
import { ModelConfigError } from "../clip/errors.js";
import type { LanguageConfig } from "../language/config.js";
import { bytesOf, LanguageModel } from "../language/language-model.js";
import { languageWeights } from "../language/layout.js";
import type { LanguageWeights } from "../language/weights.js";
import { projectorWeights, subCheckpoint, vlmLayout } from "./layout.js";
import { type ReadVlmConfig, vlmConfig } from "./read-config.js";
import { VisionLanguageModel } from "./vision-language-model.js";

export interface AssembleVlmOptions {
  readonly device?: Device;
  /** Told how many bytes the weights take, before anything else is opened; throws where they cannot fit. */
  readonly checkMemory?: (where: string, bytes: number) => void;
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
  options.checkMemory?.(path, bytesOf(weights));
  const { towerSource } = config;
  const tower =
    "ref" in towerSource
      ? await openTower(towerSource.ref)
      : await assembleClip(towerInside(files, layout.tower ?? "", towerSource.config), options);
  const { width } = tower.parts.vision;
  return new VisionLanguageModel({
    ref,
    tower,
    language: new LanguageModel(weights, checkedSizes(config.language, weights, path), options.device),
    projector: projectorWeights(source, layout.projector, width, config.language.width),
    tokenizer: await tokenizerBeside(files, weights.tokens.shape[0]!),
    config,
    files: checkpoint.files,
    metadata: checkpoint.metadata,
  });
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

async function tokenizerBeside({ folder, read }: ClipFiles, vocabulary: number): Promise<LanguageTokenizer> {
  const where = `${folder}/tokenizer.json`;
  const [text, config] = [await read("tokenizer.json"), await read("tokenizer_config.json")];
  if (text === undefined) throw new TokenizerMissingError(where);
  const tokenizer = languageTokenizerOf({ where, text, config });
  checkVocabulary(where, tokenizer, vocabulary);
  return tokenizer;
}
