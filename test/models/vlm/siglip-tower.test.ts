/** LLaVA-style models with a SigLIP tower and a Qwen2 language model, as `llava-interleave-qwen` is one. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { byteTokenizerJson } from "../../../src/engine/media/byte-tokenizer.js";
import { decompose } from "../../../src/methods/decompose/decompose.js";
import { languageLogits } from "../../../src/models/language/graph.js";
import { TINY_SIZES, writeRandomFamily } from "../../../src/models/families/random-checkpoint.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { largestDifference, naiveWeights, randomPixels, readAll, type Tensors, writeAll } from "../../support/clips.js";
import { languageTensors } from "../../support/languages.js";
import { LANGUAGE, languageConfigJson, naiveProjected, projectorTensors } from "../../support/llavas.js";
import { naiveLanguage } from "../../support/naive-language.js";
import { naiveFamily } from "../../support/naive-vit.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
const SIZES = { ...TINY_SIZES, layers: 3, width: 24, heads: 2, hidden: 40, imageSize: 24, patchSize: 8 };
const QWEN = { ...LANGUAGE, biases: true, tied: true };
const projector = projectorTensors(SIZES.width);
const pixels = randomPixels(1, SIZES.imageSize);

async function write(folder: string, hasHead: boolean): Promise<{ tower: Tensors; language: Tensors }> {
  await writeRandomFamily(folder, "siglip", SIZES, { seed: 4 });
  const all = await readAll(folder);
  const tower: Tensors = new Map([...all].filter(([name]) => name.startsWith("vision_model.")));
  const tensors: Tensors = new Map(
    languageTensors(QWEN, { prefix: "language_model.model.", head: "language_model.lm_head.weight" }),
  );
  for (const [name, tensor] of tower) {
    if (hasHead || !name.startsWith("vision_model.head.")) tensors.set(`vision_tower.${name}`, tensor);
  }
  for (const [i, tensor] of projector.entries()) {
    tensors.set(`multi_modal_projector.linear_${1 + (i >> 1)}.${i % 2 === 0 ? "weight" : "bias"}`, tensor);
  }
  await writeAll(join(folder, "model.safetensors"), tensors);
  const config = {
    model_type: "llava",
    text_config: { ...languageConfigJson(), model_type: "qwen2", tie_word_embeddings: true },
    vision_config: {
      model_type: "siglip_vision_model",
      num_attention_heads: SIZES.heads,
      image_size: SIZES.imageSize,
      ...(hasHead ? {} : { vision_use_head: false }),
    },
    vision_feature_layer: -1,
    vision_feature_select_strategy: "full",
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config));
  await writeFile(join(folder, "tokenizer.json"), JSON.stringify(byteTokenizerJson()));
  return { tower, language: languageTensors(QWEN) };
}

describe.each([true, false])("pooling head in the checkpoint: %s", (hasHead) => {
  test("logits are those of the published formulas, and every patch is an image token", async () => {
    const folder = join(root, `head-${hasHead}`);
    const { tower, language } = await write(folder, hasHead);
    await using model = await loadVlm(folder);
    const seen = await model.see(pixels);
    expect(seen.shape).toEqual([1, 9, SIZES.width]);
    const prompt = model.prompt(seen, "what", "see<image>{question}");
    const { tokenizer } = model.parts;
    const family = { family: "siglip", layers: SIZES.layers, heads: SIZES.heads, epsilon: 1e-6 } as const;
    const { streams } = naiveFamily(pixels.data, SIZES.imageSize, naiveWeights(tower), family);
    const table = language.get("model.embed_tokens.weight")!.data;
    const words = (ids: readonly number[]) =>
      ids.map((id) => [...table.subarray(id * LANGUAGE.width, (id + 1) * LANGUAGE.width)]);
    const embedded = [
      // The start token is the tokenizer's own.
      ...words([512, ...tokenizer.encode("see")]),
      ...naiveProjected(streams.at(-1)!, projector),
      ...words(tokenizer.encode("what")),
    ];
    const config = { ...LANGUAGE, theta: 500, epsilon: 1e-5 };
    const wanted = naiveLanguage(embedded, naiveWeights(language), config);
    const { logits } = await model.language.run("logits", prompt, ({ hidden, weights }) => ({
      logits: languageLogits(hidden, weights),
    }));
    expect(largestDifference(logits.data, wanted.logits.flat())).toBeLessThan(1e-4);
    expect(model.grid).toBe(3);
  });
});

test("a tower without its pool has tokens but nothing to decompose", async () => {
  await using model = await loadVlm(join(root, "head-false"));
  const { tower } = model.parts;
  expect(tower.parts.vision.pooling).toBe("mean");
  const { normed, features } = await tower.read(pixels, { normed: "visual.post_norm" });
  const mean = Array.from({ length: SIZES.width }, (_, i) => {
    let sum = 0;
    for (let token = 0; token < 9; token++) sum += normed.data[token * SIZES.width + i]! / 9;
    return sum;
  });
  expect(largestDifference(features.data, mean)).toBeLessThan(1e-6);
  await expect(decompose(tower, pixels, { texts: "own" })).rejects.toThrow(/stored without its pool/);
});
