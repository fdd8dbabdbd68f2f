import { expect, test } from "vitest";
import { byteTokenizerJson } from "../../../src/engine/media/byte-tokenizer.js";
import { languageTokenizerOf } from "../../../src/engine/media/language-tokenizer.js";
import { checkpointOf } from "../../../src/engine/weights/checkpoint.js";
import { languageConfig } from "../../../src/models/language/read-config.js";
import { framingTokens } from "../../../src/models/vlm/framing-tokens.js";

const BARE = { ...byteTokenizerJson(), post_processor: null };
const FRAMED = byteTokenizerJson();

async function found(json: object, config: object, files: Readonly<Record<string, object>> = {}) {
  const tokenizer = languageTokenizerOf({ where: "here", text: JSON.stringify(json) });
  const read = (name: string) => Promise.resolve(files[name] && JSON.stringify(files[name]));
  const checkpoint = checkpointOf({ path: "m", metadata: {}, files: [], tensors: new Map(), unsupported: new Map() });
  const readBytes = () => Promise.resolve(undefined);
  const at = { ref: "m", path: "m", origin: "path", folder: "m", checkpoint, read, readBytes } as const;
  const language = languageConfig({ path: "config.json", json: config });
  const { startToken, endTokens } = await framingTokens(at, language, tokenizer);
  return [startToken, endTokens];
}

test("Llama's usual ones, where no file says otherwise", async () => {
  expect(await found(BARE, { model_type: "llama" })).toEqual([1, [2]]);
  expect(await found(BARE, { model_type: "llama", bos_token_id: null, eos_token_id: [7, 8] })).toEqual([
    undefined,
    [7, 8],
  ]);
  expect(await found(BARE, { model_type: "llama" }, { "tokenizer_config.json": { add_bos_token: false } })).toEqual([
    undefined,
    [2],
  ]);
});

test("the tokenizer's start token counts more than the configuration's, and all end tokens do", async () => {
  const files = {
    "tokenizer_config.json": { eos_token: { content: "<|endoftext|>" } },
    "generation_config.json": { eos_token_id: [1, 9] },
  };
  // As InstructBLIP's configuration says.
  const config = { model_type: "llama", bos_token_id: 0, eos_token_id: 1 };
  expect(await found(FRAMED, config, files)).toEqual([512, [1, 9, 513]]);
});

test("Qwen2's configurations name a start token that its tokenizers do not put", async () => {
  const config = { model_type: "qwen2", bos_token_id: 3, eos_token_id: 4 };
  expect(await found(BARE, config)).toEqual([undefined, [4]]);
});

test("files that are none are refused", async () => {
  const files = { "generation_config.json": { eos_token_id: "end" } };
  await expect(found(BARE, { model_type: "llama" }, files)).rejects.toThrow(/generation_config\.json: eos_token_id/);
});
