/** InstructBLIPs with random weights, for demonstrations and measurements. They say nothing about pictures. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { byteTokenizerJson } from "../../engine/media/byte-tokenizer.js";
import { writeRandomTensors } from "../clip/random-tensors.js";
import { CROSS_EVERY, type InstructBlipSizes, instructBlipTensors } from "./instruct-blip-tensors.js";
import { READING } from "./random-checkpoint.js";
import { languageJson } from "./write-config.js";

/** Entries of the tokenizer that both the language model and the Q-Former read with. */
const VOCABULARY = 514;

export const TINY_INSTRUCTBLIP: InstructBlipSizes = {
  language: {
    layers: 4,
    width: 64,
    heads: 4,
    keyHeads: 4,
    headWidth: 16,
    hidden: 160,
    vocabulary: VOCABULARY,
    contextLength: 512,
    ...READING,
  },
  tower: { layers: 4, width: 96, heads: 4, hidden: 192, imageSize: 112, patchSize: 14 },
  queries: { layers: 4, width: 48, heads: 4, hidden: 96, count: 32, vocabulary: VOCABULARY, longest: 128 },
};

/** Writes it in Hugging Face's layout into `folder`. The same seed gives the same bytes. Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeRandomInstructBlip(
  folder: string,
  sizes: InstructBlipSizes,
  { seed, dtype = "F16" }: { readonly seed: number; readonly dtype?: "F32" | "F16" },
): Promise<void> {
  const { language, tower, queries } = sizes;
  const asking = join(folder, "qformer_tokenizer");
  await mkdir(asking, { recursive: true });
  await writeRandomTensors(join(folder, "model.safetensors"), instructBlipTensors(sizes), { seed, dtype });
  const config = {
    model_type: "instructblip",
    num_query_tokens: queries.count,
    text_config: { model_type: "llama", ...languageJson(language) },
    vision_config: {
      model_type: "instructblip_vision_model",
      num_attention_heads: tower.heads,
      image_size: tower.imageSize,
    },
    qformer_config: {
      model_type: "instructblip_qformer",
      num_attention_heads: queries.heads,
      cross_attention_frequency: CROSS_EVERY,
    },
  };
  const size = { height: tower.imageSize, width: tower.imageSize };
  const write = (path: string, json: object): Promise<void> => writeFile(path, `${JSON.stringify(json, null, 1)}\n`);
  await write(join(folder, "config.json"), config);
  await write(join(folder, "preprocessor_config.json"), { image_processor_type: "BlipImageProcessor", size });
  await write(join(folder, "tokenizer.json"), byteTokenizerJson());
  await write(join(asking, "tokenizer.json"), byteTokenizerJson());
}
