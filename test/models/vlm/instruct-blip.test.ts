import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { beliefs } from "../../../src/methods/captions/confidence.js";
import { eraseSettings } from "../../../src/methods/captions/erase-settings.js";
import { Eraser, wordDirections } from "../../../src/methods/captions/erase.js";
import { say } from "../../../src/methods/captions/caption.js";
import { imageLens } from "../../../src/methods/captions/lens.js";
import { dequantiseRows, quantiseRows } from "../../../src/engine/tensor/quantise.js";
import { floatTensor } from "../../../src/engine/tensor/tensor.js";
import { locateFiles } from "../../../src/models/clip/load.js";
import { assembleVlm, type NeededBytes } from "../../../src/models/vlm/assemble.js";
import { vlmConfig } from "../../../src/models/vlm/read-config.js";
import { settingsOf } from "../../../src/models/clip/config.js";
import { languageLogits } from "../../../src/models/language/graph.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { quantiseVlm } from "../../../src/models/vlm/quantise-checkpoint.js";
import { untrainedVlm } from "../../../src/models/vlm/untrained.js";
import { largestDifference, randomPixels } from "../../support/clips.js";
import {
  IMAGE_SIZE,
  naiveInstructBlip,
  naiveWordPieces,
  QUERY_COUNT,
  writeInstructBlip,
} from "../../support/instruct-blips.js";
import { LANGUAGE, naiveWords } from "../../support/llavas.js";
import type { Matrix } from "../../support/naive-clip.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const root = scratchFolder();
const written = await writeInstructBlip(join(root, "whole"));
const model = await loadVlm(written.folder);
afterAll(() => model.dispose());
const pixels = randomPixels(1, IMAGE_SIZE);
const seen = await model.see(pixels);
const QUESTION = "What is unusual?";
const FOUR_BITS = { bits: 4, block: 32 } as const;
const prompt = model.prompt(seen, QUESTION);
const ids = [512, ...model.parts.tokenizer.encode(QUESTION)];

test("logits are those of the published formulas", async () => {
  const wanted = naiveInstructBlip(written, pixels, QUESTION, ids);
  expect([prompt.imageAt, prompt.imageTokens, prompt.length]).toEqual([0, QUERY_COUNT, QUERY_COUNT + ids.length]);
  const { logits } = await model.language.run("logits", prompt, ({ hidden, weights }) => ({
    logits: languageLogits(hidden, weights),
  }));
  expect(largestDifference(logits.data, wanted.logits.flat())).toBeLessThan(1e-4);
});

test("queries read the question, by word pieces", async () => {
  expect(naiveWordPieces(QUESTION)).toEqual([2, 7, 8, 10, 11, 5, 3]);
  const bridge = model.parts.bridge;
  if (bridge.kind !== "queries") throw new Error("it has queries");
  for (const text of [QUESTION, "", "Zebra, what?", "übel…"]) {
    // Accents are taken off; signs that the vocabulary has not are unknown.
    const plain = text.normalize("NFD").replace(/\p{Mn}/gu, "");
    expect(bridge.tokenizer.encodeFramed(text), text).toEqual(naiveWordPieces(plain));
  }
  const other = await model.language.start(model.prompt(seen, "What is this?"), { places: 64 });
  const swapped = naiveInstructBlip(written, pixels, QUESTION, [512, ...model.parts.tokenizer.encode("What is this?")]);
  expect(largestDifference(other.logits.data, swapped.logits.at(-1)!)).toBeGreaterThan(1e-2);
  expect(() => model.prompt(seen, "what ".repeat(30))).toThrow(/what the model's queries read.*32 tokens.*at most 24/);
});

test("where each query looks is a site", async () => {
  const { pattern, image } = await model.language.run("looks", prompt, ({ site }) => ({
    pattern: site("qformer.blocks.0.cross.pattern"),
    image: site("qformer.out"),
  }));
  expect(pattern.shape).toEqual([1, 3, QUERY_COUNT, 10]);
  const sums = Array.from({ length: 3 * QUERY_COUNT }, (_, row) =>
    pattern.data.subarray(10 * row, 10 * (row + 1)).reduce((a, b) => a + b, 0),
  );
  expect(
    largestDifference(
      sums,
      sums.map(() => 1),
    ),
  ).toBeLessThan(1e-6);
  const embedded = naiveInstructBlip(written, pixels, QUESTION, ids).streams[0]!.slice(0, QUERY_COUNT).flat();
  expect(largestDifference(image.data, embedded)).toBeLessThan(1e-5);
});

test("the published configuration of instructblip-vicuna-7b is read", () => {
  const text = { model_type: "llama", bos_token_id: 0, eos_token_id: 1, pad_token_id: -1, vocab_size: 32_001 };
  const json = {
    model_type: "instructblip",
    architectures: ["InstructBlipForConditionalGeneration"],
    num_query_tokens: 32,
    image_token_index: 32_001,
    qformer_config: { model_type: "instructblip_qformer", vocab_size: 30_523 },
    text_config: { ...text, max_sequence_length: 2048, rms_norm_eps: 1e-6, rope_scaling: null },
    vision_config: { model_type: "instructblip_vision_model" },
  };
  const { language, queries, tower, prompt: template } = vlmConfig({ path: "config.json", json });
  expect(language).toMatchObject({ layers: 32, width: 4096, heads: 32, contextLength: 2048, vocabulary: 32_001 });
  expect(queries).toEqual({ config: { heads: 12, activation: "gelu", epsilon: 1e-12 }, count: 32 });
  expect([tower, template]).toEqual([{ layer: "normed", withPrefix: true }, "<image>{question}"]);
  const processor = { image_processor_type: "BlipImageProcessor", size: { height: 224, width: 224 }, resample: 3 };
  const settings = settingsOf("m", {
    "config.json": JSON.stringify(json.vision_config),
    "preprocessor_config.json": JSON.stringify({ ...processor, do_convert_rgb: true }),
  });
  expect(settings).toMatchObject({
    family: "vit",
    vision: { heads: 16, imageSize: 224, epsilon: 1e-6, activation: "gelu" },
    preprocessing: { fit: "squash", filter: "bicubic" },
  });
});

describe("methods", () => {
  test("the lens, beliefs and a caption", async () => {
    const { streams } = naiveInstructBlip(written, pixels, QUESTION, ids);
    const head = written.language.get("lm_head.weight")!.data;
    const logits = streams[1]!
      .slice(0, QUERY_COUNT)
      .map((row) =>
        Array.from({ length: LANGUAGE.vocabulary }, (_, v) =>
          row.reduce((total, x, i) => total + x * head[v * LANGUAGE.width + i]!, 0),
        ),
      );
    const wanted = logits.map((row) => {
      const top = Math.max(...row);
      return Math.exp(row[77]! - top) / row.reduce((total, x) => total + Math.exp(x - top), 0);
    });
    const lens = await imageLens(model, prompt, [77]);
    expect(lens.shape).toEqual([LANGUAGE.layers + 1, QUERY_COUNT, 1]);
    expect(largestDifference(lens.data.slice(QUERY_COUNT, 2 * QUERY_COUNT), wanted)).toBeLessThan(1e-5);
    const [belief] = await beliefs(model, prompt, ["x"]);
    expect(belief!.map.shape).toEqual([QUERY_COUNT]);
    const said = await say(model, prompt, { maxTokens: 4 });
    const beams = await say(model, prompt, { maxTokens: 4, beams: 3 });
    expect([said.tokens.length <= 4, beams.tokens.length <= 4]).toEqual([true, true]);
    expect(() => model.grid).toThrow(/learnt queries and stand for no place.*no maps/);
  });

  test("erasing edits the queries' places", async () => {
    const settings = { layer: 0, textLayer: 1, alpha: 1.5 };
    const [token] = model.parts.tokenizer.encode("x") as [number];
    const direction = naiveWords(written.language, [512, token]).streams[settings.textLayer]!.at(-1)!;
    const length = direction.reduce((total, x) => total + x * x, 0);
    const away = (row: number[]): number[] => {
      const part = Math.max(0, row.reduce((total, x, i) => total + x * direction[i]!, 0) / length);
      return row.map((x, i) => x - settings.alpha * part * direction[i]!);
    };
    const wanted = naiveInstructBlip(written, pixels, QUESTION, ids, (layer, stream: Matrix) =>
      layer === settings.layer ? stream.map((row, place) => (place < QUERY_COUNT ? away(row) : row)) : stream,
    );
    const eraser = await Eraser.at(model, prompt, settings.layer);
    const directions = await wordDirections(model, ["x"], settings.textLayer);
    const room = { places: prompt.length + 1, sequences: 1 };
    const { logits } = await eraser.start(directions, settings, room);
    expect(largestDifference(logits.data, wanted.logits.at(-1)!)).toBeLessThan(1e-4);
  });

  test("erasing begins with the published settings for InstructBLIP, at the same depth", () => {
    expect(eraseSettings(model, {})).toMatchObject({ layer: 0, textLayer: 0, alpha: 1.5, threshold: 0.2 });
    expect(eraseSettings(model, { alpha: 3, layer: 1 })).toMatchObject({ layer: 1, alpha: 3, threshold: 0.2 });
  });

  test("an untrained one says something else; four bits are those of the rounded weights", async () => {
    const { logits } = await model.language.start(prompt, { places: prompt.length });
    await using untrained = untrainedVlm(model, 1);
    const random = await untrained.language.start(untrained.prompt(seen, QUESTION), { places: prompt.length });
    expect(largestDifference(random.logits.data, [...logits.data])).toBeGreaterThan(0.1);
    const folder = join(root, "quantised");
    await quantiseVlm(written.folder, folder, FOUR_BITS);
    expect((await readdir(folder)).sort()).toEqual(
      expect.arrayContaining(["config.json", "qformer_tokenizer", "tokenizer.json"]),
    );
    const rounded = new Map(
      [...written.language].map(([name, tensor]) => {
        if (!(name.endsWith("_proj.weight") || name === "lm_head.weight")) return [name, tensor];
        const width = tensor.shape[1]!;
        return [
          name,
          floatTensor(dequantiseRows(quantiseRows(tensor.data, width, FOUR_BITS), width, FOUR_BITS), tensor.shape),
        ];
      }),
    );
    const wanted = naiveInstructBlip({ ...written, language: rounded }, pixels, QUESTION, ids);
    await using small = await loadVlm(folder);
    const found = await small.language.start(small.prompt(await small.see(pixels), QUESTION), { places: 64 });
    expect(largestDifference(found.logits.data, wanted.logits.at(-1)!)).toBeLessThan(1e-4);
  });
});

describe("refused", () => {
  test("what does not fit into memory, by the language model twice, and all else once", async () => {
    const bytes = (names: readonly string[]): number =>
      names.reduce((total, name) => total + 4 * written.tensors.get(name)!.data.length, 0);
    const all = [...written.tensors.keys()];
    const ofLanguage = all.filter((name) => name.startsWith("language_model."));
    let told: NeededBytes | undefined;
    const files = await locateFiles(written.folder, {});
    const checkMemory = (_where: string, needed: NeededBytes): never => {
      told = needed;
      throw new RangeError("too much");
    };
    await expect(
      assembleVlm(files, () => Promise.reject(new Error("it has a tower")), { checkMemory }),
    ).rejects.toThrow(RangeError);
    expect(told).toEqual({
      language: bytes(ofLanguage),
      others: bytes(all.filter((name) => !ofLanguage.includes(name))),
    });
  });

  test.each<[string, Parameters<typeof writeInstructBlip>[1], RegExp]>([
    ["no queries", (tensors) => tensors.delete("query_tokens"), /query_tokens/],
    [
      "a block of the Q-Former without its norm",
      (tensors) => tensors.delete("qformer.encoder.layer.2.crossattention.output.LayerNorm.bias"),
      /layer\.2\.crossattention\.output\.LayerNorm\.bias/,
    ],
    [
      "another number of queries",
      (_, config) => (config["num_query_tokens"] = 32),
      /another number of image tokens.*num_query_tokens: got 32, expected 5/,
    ],
    [
      "a language model that is not built",
      (_, config) => (config["text_config"] = { model_type: "t5" }),
      /model_type.*t5.*expected llama/,
    ],
    [
      "a configuration of a LLaVA",
      (_, config) => Object.assign(config, { model_type: "llava" }),
      /model_type.*expected instructblip, as the weights have a Q-Former/,
    ],
    ["a configuration of neither", (_, config) => (config["model_type"] = "blip-2"), /llava or instructblip/],
  ])("%s", async (name, change, message) => {
    const { folder } = await writeInstructBlip(join(root, name), change);
    await expect(loadVlm(folder)).rejects.toThrow(message);
  });

  test("no tokenizer for the queries, no picture in the prompt, several", async () => {
    const { folder } = await writeInstructBlip(join(root, "tokenizer"));
    await rm(join(folder, "qformer_tokenizer"), { recursive: true });
    await expect(loadVlm(folder)).rejects.toThrow(/no such tokenizer file.*qformer_tokenizer\/tokenizer\.json/);
    expect(() => model.prompt(seen, QUESTION, "{question}")).toThrow(/image tokens.*<image> 0 times/);
    expect(() => model.prompt(seen, "<image>")).toThrow(/image tokens.*<image> 2 times.*5 tokens/);
  });
});
