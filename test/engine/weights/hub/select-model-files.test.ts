import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../../src/engine/errors.js";
import { selectModelFiles } from "../../../../src/engine/weights/hub/select-model-files.js";
import { fetchSnapshot } from "../../../../src/engine/weights/hub/snapshot.js";
import { COMMIT, failure, REPO, startHub } from "./hub-test.js";

const listed = (names: readonly string[]) => names.map((path) => ({ path, size: 1, hash: "a".repeat(40) }));
const noIndex = () => Promise.reject(new Error("nothing should be read"));

describe("selectModelFiles", () => {
  test("takes the safetensors of a Transformers repository, and no duplicate", async () => {
    const names = [
      ".gitattributes",
      "README.md",
      "config.json",
      "flax_model.msgpack",
      "merges.txt",
      "model.safetensors",
      "onnx/model.onnx",
      "preprocessor_config.json",
      "pytorch_model.bin",
      "special_tokens_map.json",
      "tf_model.h5",
      "tokenizer.json",
      "tokenizer_config.json",
      "vocab.json",
    ];
    expect((await selectModelFiles(listed(names), noIndex)).sort()).toEqual([
      "config.json",
      "model.safetensors",
      "preprocessor_config.json",
      "special_tokens_map.json",
      "tokenizer.json",
      "tokenizer_config.json",
    ]);
  });

  test("takes what vision-language models need beside that", async () => {
    const needed = [
      "chat_template.json",
      "generation_config.json",
      "qformer_tokenizer/tokenizer.json",
      "qformer_tokenizer/tokenizer_config.json",
    ];
    const names = ["config.json", "model.safetensors", "qformer_tokenizer/vocab.txt", ...needed];
    const selected = await selectModelFiles(listed(names), noIndex);
    expect(selected).toEqual(expect.arrayContaining(needed));
    expect(selected).not.toContain("qformer_tokenizer/vocab.txt");
  });

  test("takes a SentencePiece model where there is no tokenizer.json, as LLaVA's original checkpoints have it", async () => {
    const index = JSON.stringify({
      weight_map: { a: "pytorch_model-00001-of-00002.bin", b: "pytorch_model-00002-of-00002.bin" },
    });
    const names = [
      "added_tokens.json",
      "config.json",
      "generation_config.json",
      "mm_projector.bin",
      "pytorch_model-00001-of-00002.bin",
      "pytorch_model-00002-of-00002.bin",
      "pytorch_model.bin.index.json",
      "special_tokens_map.json",
      "tokenizer.model",
      "tokenizer_config.json",
    ];
    const select = (all: string[]) => selectModelFiles(listed(all), () => Promise.resolve(index));
    expect((await select(names)).sort()).toEqual(names.filter((name) => name !== "mm_projector.bin"));
    const both = await select([...names, "tokenizer.json"]);
    expect(both).toContain("tokenizer.json");
    expect(both).not.toContain("tokenizer.model");
  });

  test.each([
    [
      ["open_clip_config.json", "open_clip_model.safetensors", "open_clip_pytorch_model.bin"],
      "open_clip_model.safetensors",
    ],
    [
      ["open_clip_config.json", "config.json", "open_clip_model.safetensors", "pytorch_model.bin"],
      "open_clip_model.safetensors",
    ],
    [["open_clip_config.json", "open_clip_pytorch_model.bin"], "open_clip_pytorch_model.bin"],
    [["open_clip_config.json", "model.safetensors", "open_clip_pytorch_model.bin"], "open_clip_pytorch_model.bin"],
    [["config.json", "pytorch_model.bin", "tf_model.h5"], "pytorch_model.bin"],
  ])("of %j the weights are %s", async (names, weights) => {
    const selected = await selectModelFiles(listed(names), noIndex);
    expect(selected.filter((name) => /\.(safetensors|bin|h5)$/.test(name))).toEqual([weights]);
  });

  test("takes vocabulary and merges where there is no tokenizer.json", async () => {
    const names = ["config.json", "model.safetensors", "vocab.json", "merges.txt"];
    expect(await selectModelFiles(listed(names), noIndex)).toEqual(
      expect.arrayContaining(["vocab.json", "merges.txt"]),
    );
  });

  test.each([
    [["README.md"], /it has no config\.json and no weights: got README\.md/],
    [["config.json", "flax_model.msgpack"], /it has no weights/],
    [["model.safetensors"], /it has no config\.json for model\.safetensors/],
    [
      ["config.json", "open_clip_model.safetensors"],
      /it has no open_clip_config\.json for open_clip_model\.safetensors/,
    ],
    [[], /got no files/],
  ])("finds nothing usable in %j", async (names, message) => {
    const error = await failure(selectModelFiles(listed(names), noIndex));
    expect(error).toMatchObject({ code: "hub-no-model-files", message: expect.stringMatching(message) as string });
  });

  test("any index is either understood or a typed error", async () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((map) => JSON.stringify({ weight_map: map })),
    );
    await fc.assert(
      fc.asyncProperty(text, async (index) => {
        const names = listed(["config.json", "model.safetensors.index.json"]);
        const result = await selectModelFiles(names, () => Promise.resolve(index)).catch((error: unknown) => error);
        return Array.isArray(result) || (result instanceof VitrineError && result.code === "hub-shard-index");
      }),
      { seed: 11, numRuns: 300 },
    );
  });
});

describe("weights in several files", () => {
  const shard = (text: string) => ({ content: Buffer.from(text), lfs: true });
  const index = (map: object) => ({
    content: Buffer.from(JSON.stringify({ metadata: {}, weight_map: map })),
    lfs: false,
  });
  const config = { content: Buffer.from("{}"), lfs: false };
  const [one, two] = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

  test("are fetched by their index", async () => {
    const { server, options } = await startHub();
    server.addCommit(REPO, COMMIT, {
      "config.json": config,
      "model.safetensors.index.json": index({ a: one, b: two, c: one }),
      [one]: shard("1"),
      [two]: shard("2"),
      "model-old.safetensors": shard("3"),
    });
    const { files } = await fetchSnapshot(REPO, { ...options, select: selectModelFiles });
    expect(files).toEqual(["config.json", "model.safetensors.index.json", one, two]);
    const again = await fetchSnapshot(REPO, { ...options, select: selectModelFiles, offline: true });
    expect(again.files).toEqual(files);
  });

  test("whose index names a missing or an outside file are refused", async () => {
    const { server, options } = await startHub();
    const files = { "config.json": config, [one]: shard("1") };
    server.addCommit(REPO, COMMIT, { ...files, "model.safetensors.index.json": index({ a: one, b: two }) });
    const missing = await failure(fetchSnapshot(REPO, { ...options, select: selectModelFiles }));
    expect(missing).toMatchObject({ code: "hub-file-not-found", message: expect.stringContaining(two) as string });
    server.addCommit(REPO, COMMIT, { ...files, "model.safetensors.index.json": index({ a: "../../refs/main" }) });
    const fresh = { ...options, cacheDir: `${options.cacheDir}2`, select: selectModelFiles };
    expect((await failure(fetchSnapshot(REPO, fresh))).code).toBe("hub-unsafe-file-name");
  });
});
