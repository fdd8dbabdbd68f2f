import { z } from "zod";
import { NoModelFilesError, ShardIndexError } from "./cache-errors.js";
import type { HubFile } from "./digest.js";

const CONFIGS = [
  "config.json",
  "open_clip_config.json",
  "preprocessor_config.json",
  "processor_config.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "generation_config.json",
  "chat_template.json",
  "chat_template.jinja",
  // Of InstructBLIP: the tokenizer of what its queries read.
  "qformer_tokenizer/tokenizer.json",
  "qformer_tokenizer/tokenizer_config.json",
];

/** What tokenizers are made from where there is no tokenizer.json. */
const TOKENIZER_PARTS = ["tokenizer.model", "added_tokens.json", "vocab.json", "merges.txt"];

/** Layouts of weights, best first, each with the configuration without which it cannot be read. */
const WEIGHTS = [
  { file: "model.safetensors", config: "config.json" },
  { file: "open_clip_model.safetensors", config: "open_clip_config.json" },
  { file: "model.safetensors.index.json", config: "config.json" },
  { file: "pytorch_model.bin", config: "config.json" },
  { file: "open_clip_pytorch_model.bin", config: "open_clip_config.json" },
  { file: "pytorch_model.bin.index.json", config: "config.json" },
];

const indexSchema = z.looseObject({ weight_map: z.record(z.string(), z.string()) });

/**
 * What is needed to run a CLIP-like model: configurations, a tokenizer, and its weights once, in the best layout there is.
 *
 * For weights in several files `read` is asked for their index. Throws {@link NoModelFilesError} and {@link ShardIndexError}.
 */
export async function selectModelFiles(
  files: readonly HubFile[],
  read: (path: string) => Promise<string>,
): Promise<string[]> {
  const there = new Set(files.map(({ path }) => path));
  const tokenizer = there.has("tokenizer.json") ? ["tokenizer.json"] : TOKENIZER_PARTS;
  const weights = chooseWeights(there);
  const shards = weights.endsWith(".index.json") ? shardNames(weights, await read(weights)) : [];
  return [...[...CONFIGS, ...tokenizer].filter((name) => there.has(name)), weights, ...shards];
}

function chooseWeights(there: ReadonlySet<string>): string {
  const present = WEIGHTS.filter(({ file }) => there.has(file));
  const usable = present.find(({ config }) => there.has(config));
  if (usable !== undefined) return usable.file;
  const hasConfig = WEIGHTS.some(({ config }) => there.has(config));
  const lone = present[0] && `${present[0].config} for ${present[0].file}`;
  throw new NoModelFilesError(lone ?? (hasConfig ? "weights" : "config.json and no weights"), [...there]);
}

function shardNames(index: string, text: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ShardIndexError(index, "no JSON", cause);
  }
  const parsed = indexSchema.safeParse(value);
  if (!parsed.success) throw new ShardIndexError(index, "JSON without such a map");
  const names = [...new Set(Object.values(parsed.data.weight_map))].sort();
  if (names.length === 0) throw new ShardIndexError(index, "an empty map");
  return names;
}
