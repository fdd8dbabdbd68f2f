/** Checkpoints with a SentencePiece model in place of a tokenizer.json, as LLaVA's original ones. */
import { copyFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { say } from "../../../src/methods/captions/caption.js";
import { checkpointOf } from "../../../src/engine/weights/checkpoint.js";
import { loadClip } from "../../../src/models/clip/load.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { loadVlmFromBytes } from "../../../src/models/vlm/load-bytes.js";
import { quantiseVlm } from "../../../src/models/vlm/quantise-checkpoint.js";
import { tokenizerBeside } from "../../../src/models/vlm/tokenizer-beside.js";
import type { VisionLanguageModel } from "../../../src/models/vlm/vision-language-model.js";
import { randomPixels } from "../../support/clips.js";
import { TOWER, writeLlava } from "../../support/llavas.js";
import { ROOT } from "../../support/paths.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const FIXTURES = join(ROOT, "test/fixtures/sentence-piece");
const root = scratchFolder();
const pixels = randomPixels(1, TOWER.architecture.vision.imageSize);
const MODEL = new Uint8Array(await readFile(join(FIXTURES, "llama.model")));

/** In the form in which Llama's and LLaVA's checkpoints of 2023 have them. */
const token = (content: string) => ({ content, lstrip: false, normalized: false, rstrip: false, single_word: false });
const CONFIG = {
  add_bos_token: true,
  add_eos_token: false,
  bos_token: { __type: "AddedToken", ...token("<s>") },
  eos_token: { __type: "AddedToken", ...token("</s>") },
  legacy: false,
  pad_token: null,
  sp_model_kwargs: {},
  tokenizer_class: "LlamaTokenizer",
  unk_token: { __type: "AddedToken", ...token("<unk>") },
};
const SPECIAL = { bos_token: token("<s>"), eos_token: token("</s>"), pad_token: "<unk>", unk_token: token("<unk>") };

async function caption(model: VisionLanguageModel) {
  const prompt = model.prompt(await model.see(pixels), "What is it?", "USER: <image>\n{question} ASSISTANT:");
  return [prompt.length, await say(model, prompt, { maxTokens: 12 })];
}

test("a LLaVA in the original layout says the same with tokenizer.model as with the tokenizer.json made from it", async () => {
  const folder = join(root, "original");
  await writeLlava(folder, "llava");
  await copyFile(join(FIXTURES, "llama.json"), join(folder, "tokenizer.json"));
  const wanted = await loadVlm(folder).then(caption);

  await rm(join(folder, "tokenizer.json"));
  await writeFile(join(folder, "tokenizer.model"), MODEL);
  await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(CONFIG));
  await writeFile(join(folder, "special_tokens_map.json"), JSON.stringify(SPECIAL));
  await using model = await loadVlm(folder);
  expect(model.language.config.startToken).toBe(1);
  expect(model.language.config.endTokens).toContain(2);
  expect(await caption(model)).toEqual(wanted);

  const names = ["config.json", "model.safetensors", "tokenizer.model", "tokenizer_config.json"];
  const read = async (name: string) => [name, new Uint8Array(await readFile(join(folder, name)))] as const;
  const files = Object.fromEntries(await Promise.all(names.map(read)));
  await using inMemory = await loadVlmFromBytes("small", files, (tower) => loadClip(tower));
  expect(await caption(inMemory)).toEqual(wanted);

  await quantiseVlm(folder, join(root, "quantised"), { bits: 8, block: 32 });
  await using quantised = await loadVlm(join(root, "quantised"));
  expect(quantised.parts.tokenizer.encode("A large tree")).toEqual(model.parts.tokenizer.encode("A large tree"));
});

describe("what the files beside it say counts", () => {
  async function tokenizer(
    files: Readonly<Record<string, object>>,
    models: ReadonlyMap<string, Uint8Array> = new Map([["tokenizer.model", MODEL]]),
  ) {
    const checkpoint = checkpointOf({ path: "m", metadata: {}, files: [], tensors: new Map(), unsupported: new Map() });
    const read = (name: string) => Promise.resolve(files[name] && JSON.stringify(files[name]));
    const readBytes = (name: string) => Promise.resolve(models.get(name));
    return tokenizerBeside({ ref: "m", path: "m", origin: "path", folder: "m", checkpoint, read, readBytes }, "", 512);
  }

  test("Llama's usual use, where they say nothing", async () => {
    const found = await tokenizer({});
    expect(found.startToken()).toBe(1);
    // Each part between special tokens is a text of its own.
    expect(found.encode("a<s>a")).toEqual([found.idOf("▁a"), 1, found.idOf("▁a")]);
    expect(found.encode("a<unk>")).toEqual([found.idOf("▁a"), 0]);
  });

  test("legacy, the space before texts, and what frames them", async () => {
    const newer = await tokenizer({
      "tokenizer_config.json": { ...CONFIG, add_bos_token: false, add_eos_token: true },
    });
    expect(newer.encode("a<s>a")).toEqual([newer.idOf("▁a"), 1, newer.idOf("a")]);
    expect(newer.startToken()).toBeUndefined();
    expect(newer.encodeFramed("a")).toEqual([newer.idOf("▁a"), 2]);
    const spaceless = await tokenizer({ "tokenizer_config.json": { legacy: false, add_prefix_space: false } });
    expect(spaceless.encode("a<s>a")).toEqual([spaceless.idOf("a"), 1, spaceless.idOf("a")]);
  });

  test("added tokens: a file of their own, or the configuration's list, which then counts alone", async () => {
    const separate = {
      "added_tokens.json": { "<pic>": 510, "<end>": 511 },
      "special_tokens_map.json": { bos_token: "<pic>", pad_token: "[absent]" },
      "tokenizer_config.json": CONFIG,
    };
    const found = await tokenizer(separate);
    expect([found.idOf("<pic>"), found.vocabularySize, found.startToken()]).toEqual([510, 512, 510]);
    expect(found.encode("a<end>a")).toEqual([found.idOf("▁a"), 511, found.idOf("a")]);
    expect(found.idOf("[absent]")).toBeUndefined();
    const listed = { 1: token("<s>"), 2: token("</s>"), 510: { ...token("<img>"), lstrip: true, special: true } };
    const files = { ...separate, "tokenizer_config.json": { ...CONFIG, added_tokens_decoder: listed } };
    const alone = await tokenizer(files);
    expect([alone.idOf("<img>"), alone.idOf("<pic>"), alone.startToken()]).toEqual([510, undefined, 1]);
    expect(alone.encode("a  <img> a")).toEqual([alone.idOf("▁a"), 510, alone.idOf("▁a")]);
  });

  test.each<[string, Readonly<Record<string, object>>, string, RegExp]>([
    ["another class", { "tokenizer_config.json": { tokenizer_class: "T5Tokenizer" } }, "tokenizer-not-usable", /T5/],
    ["draws", { "tokenizer_config.json": { sp_model_kwargs: { alpha: 1 } } }, "model-config", /sp_model_kwargs/],
    [
      "whole words",
      { "special_tokens_map.json": { bos_token: { content: "<s>", single_word: true } } },
      "model-config",
      /bos_token.*single_word/,
    ],
    ["ids that are none", { "added_tokens.json": { "<a>": -1 } }, "model-config", /added_tokens\.json: <a>/],
    ["ids beyond the model", { "added_tokens.json": { "<a>": 512 } }, "tokenizer-mismatch", /513 tokens/],
    ["no such start", { "tokenizer_config.json": { bos_token: "<a>" } }, "tokenizer-not-usable", /no "<a>"/],
  ])("%s: refused", async (_, files, code, message) => {
    const failure: unknown = await tokenizer(files).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(VitrineError);
    expect((failure as VitrineError).code).toBe(code);
    expect((failure as VitrineError).message).toMatch(message);
  });

  test("neither file: refused", async () => {
    await expect(tokenizer({ "tokenizer_config.json": CONFIG }, new Map())).rejects.toThrow(
      /m\/tokenizer\.json: expected the checkpoint's tokenizer\.json or tokenizer\.model/,
    );
  });
});
