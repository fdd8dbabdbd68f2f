/** From a checkpoint to a {@link VisionLanguageModel}. */
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type LanguageTokenizer, languageTokenizerOf } from "../../engine/media/language-tokenizer.js";
import { readTokenizerText } from "../../engine/media/load-tokenizer.js";
import type { Device } from "../../engine/runtime/session.js";
import type { StoredTensor } from "../../engine/tensor/stored.js";
import { openCheckpoint } from "../../engine/weights/open-checkpoint.js";
import { assembleClip } from "../clip/assemble.js";
import { checkpointSource } from "../clip/checkpoint-source.js";
import type { Clip } from "../clip/clip.js";
import { unreadable } from "../clip/config-file.js";
import { ModelConfigError, TokenizerMismatchError } from "../clip/errors.js";
import { loadClip } from "../clip/load.js";
import { readConfigText } from "../clip/read-config.js";
import type { LanguageConfig } from "../language/config.js";
import { bytesOf, LanguageModel } from "../language/language-model.js";
import { languageWeights } from "../language/layout.js";
import type { LanguageWeights } from "../language/weights.js";
import { type HubAccess, locateModel } from "../locate.js";
import { checkMemory } from "./check-memory.js";
import { projectorWeights, subCheckpoint, vlmLayout } from "./layout.js";
import { type ReadVlmConfig, vlmConfig } from "./read-config.js";
import { VisionLanguageModel } from "./vision-language-model.js";

export interface LoadVlmOptions extends HubAccess {
  readonly device?: Device;
  /** The vision tower, where the checkpoint names one that lies elsewhere. */
  readonly tower?: string;
}

/**
 * Loads a LLaVA-1.5 or a model built like it, of Hugging Face's or the original layout. Nothing is computed and no weight is read yet.
 * Throws what `loadClip` throws, `WrongFamilyError` for a checkpoint without a projector, and `MemoryShortError`.
 */
export async function loadVlm(ref: string, options: LoadVlmOptions = {}): Promise<VisionLanguageModel> {
  const located = await locateModel(ref, options);
  const { path } = located;
  const checkpoint = await openCheckpoint(path);
  const layout = vlmLayout(checkpoint);
  const folder = (await stat(path)).isDirectory() ? path : dirname(path);
  const config = await readVlmConfig(folder);
  const source = checkpointSource(checkpoint, new Set());
  const weights = languageWeights(source, layout.language, config.language);
  checkMemory(path, bytesOf(weights));
  const tower = await towerOf(config, options, async (vision) => {
    const inside = { ...located, ref, folder, checkpoint: subCheckpoint(checkpoint, layout.tower ?? "") };
    const read = (name: string): Promise<string | undefined> =>
      name === "config.json" ? Promise.resolve(JSON.stringify(vision)) : readConfigText(folder, name);
    return assembleClip({ ...inside, read }, options);
  });
  const { width } = tower.parts.vision;
  return new VisionLanguageModel({
    ref,
    tower,
    language: new LanguageModel(weights, checkedSizes(config.language, weights, path), options.device),
    projector: projectorWeights(source, layout.projector, width, config.language.width),
    tokenizer: await tokenizerIn(folder, weights.tokens.shape[0]!),
    config,
  });
}

async function readVlmConfig(folder: string): Promise<ReadVlmConfig> {
  const path = join(folder, "config.json");
  const text = await readConfigText(folder, "config.json");
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

type Inside = (config: Readonly<Record<string, unknown>>) => Promise<Clip>;

function towerOf({ towerSource }: ReadVlmConfig, options: LoadVlmOptions, inside: Inside): Promise<Clip> {
  if ("config" in towerSource) return inside(towerSource.config);
  return loadClip(options.tower ?? towerSource.ref, options);
}

/** The configuration, where the weights agree with it; the vocabulary is that of the weights, which may be padded. */
function checkedSizes(config: LanguageConfig, weights: LanguageWeights<StoredTensor>, path: string): LanguageConfig {
  const found = {
    layers: weights.blocks.length,
    width: weights.tokens.shape[1]!,
    hidden: weights.blocks[0]!.gate.weight.shape[0],
  };
  for (const name of ["layers", "width", "hidden"] as const) {
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

async function tokenizerIn(folder: string, vocabulary: number): Promise<LanguageTokenizer> {
  const where = join(folder, "tokenizer.json");
  const text = await readTokenizerText(where);
  const config = await readConfigText(folder, "tokenizer_config.json");
  const tokenizer = languageTokenizerOf({ where, text, config });
  if (tokenizer.vocabularySize <= vocabulary) return tokenizer;
  throw new TokenizerMismatchError({
    what: "the tokenizer knows more tokens than the model",
    where,
    got: `${tokenizer.vocabularySize} tokens`,
    expected: `at most ${vocabulary}, the rows of the token embedding`,
    fix: "use the tokenizer.json of this model",
  });
}
