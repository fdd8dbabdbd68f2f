/** SentencePiece models against SentencePiece itself (test/fixtures/sentence-piece/make.py). */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VitrineError } from "../../../src/engine/errors.js";
import { languageTokenizerOf, sentencePieceTokenizerOf } from "../../../src/engine/media/language-tokenizer.js";
import { readSentencePieceModel } from "../../../src/engine/media/sentence-piece/read-model.js";
import { SentencePieceModel } from "../../../src/engine/media/sentence-piece/sentence-piece-model.js";
import type { SentencePieceUse } from "../../../src/engine/media/sentence-piece/use.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { mutate } from "../../support/mutate.js";
import { ROOT } from "../../support/paths.js";

const FIXTURES = join(ROOT, "test/fixtures/sentence-piece");
const NAMES = ["llama", "symbols", "unigram"] as const;
type Kind = "plain" | "legacy" | "later";
interface Case {
  readonly text: string;
  readonly ids: number[];
  readonly decoded?: string;
}
const expected = JSON.parse(readFileSync(join(FIXTURES, "expected.json"), "utf8")) as Record<
  (typeof NAMES)[number],
  Record<Kind, Case[]>
>;
const bytesOf = (name: string): Buffer => readFileSync(join(FIXTURES, `${name}.model`));
const USE: SentencePieceUse = {
  legacy: true,
  addStart: true,
  addEnd: false,
  special: [{ content: "<unk>" }],
  added: [],
};

function modelOf(name: string, use: Partial<SentencePieceUse> = {}): SentencePieceModel {
  return new SentencePieceModel(name, readSentencePieceModel(name, bytesOf(name)), { ...USE, ...use });
}
const bare = (model: SentencePieceModel, text: string): number[] =>
  model.encode(text, { add_special_tokens: false }).ids;

describe.each(NAMES)("%s.model", (name) => {
  test.each(["plain", "legacy", "later"] as const)("has SentencePiece's ids: %s", (kind) => {
    const model = modelOf(name, { legacy: kind !== "later" });
    const cases = expected[name][kind];
    expect(cases.length).toBeGreaterThan(80);
    for (const { text, ids } of cases) expect(bare(model, text), JSON.stringify(text)).toEqual(ids);
  });

  test("decodes as SentencePiece does, but for the unknown token, which is spelt", () => {
    const tokenizer = sentencePieceTokenizerOf(name, bytesOf(name), USE);
    for (const { ids, decoded } of expected[name].plain) {
      expect(tokenizer.decode(ids)).toBe(decoded!.replaceAll(" ⁇ ", "<unk>").trim());
    }
  });

  test("texts come back, where nothing is rewritten or unknown", () => {
    const model = modelOf(name);
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "tree", "s", "sea", "the", "b", "."), { minLength: 1 }), (words) => {
        const text = words.join(" ");
        expect(model.decode(bare(model, text))).toBe(text);
      }),
      { numRuns: 50 },
    );
  });
});

describe("a language model's tokenizer", () => {
  const tokenizer = sentencePieceTokenizerOf("llama", bytesOf("llama"), USE);

  test("has the vocabulary, and frames texts", () => {
    expect(tokenizer.vocabularySize).toBe(510);
    expect([tokenizer.idOf("<s>"), tokenizer.idOf("</s>"), tokenizer.tokenOf(0)]).toEqual([1, 2, "<unk>"]);
    expect(tokenizer.startToken()).toBe(1);
    expect(tokenizer.encodeFramed("a")).toEqual([1, ...tokenizer.encode("a")]);
    const ended = sentencePieceTokenizerOf("llama", bytesOf("llama"), { ...USE, addStart: false, addEnd: true });
    expect(ended.encodeFramed("a")).toEqual([...tokenizer.encode("a"), 2]);
    expect(ended.startToken()).toBeUndefined();
  });

  test("is as Hugging Face's tokenizers have it, of the same pieces", () => {
    const text = readFileSync(join(FIXTURES, "llama.json"), "utf8");
    const converted = languageTokenizerOf({ where: "llama.json", text });
    const texts = expected.llama.legacy.map((one) => one.text);
    expect(texts.length).toBeGreaterThan(80);
    for (const one of texts) {
      expect(converted.encode(one), JSON.stringify(one)).toEqual(tokenizer.encode(one));
      expect(converted.decode(tokenizer.encode(one)), JSON.stringify(one)).toBe(
        tokenizer.decode(tokenizer.encode(one)),
      );
    }
    expect(converted.startToken()).toBe(tokenizer.startToken());
  });

  test("bytes that are no UTF-8 are unknown characters, each", () => {
    const of = (byte: string): number => tokenizer.idOf(`<0x${byte}>`)!;
    expect(tokenizer.decode(["E2", "82", "AC"].map(of))).toBe("€");
    expect(tokenizer.decode(["E2", "82"].map(of))).toBe("\uFFFD\uFFFD");
    expect(tokenizer.decode(["61", "FF", "80", "62"].map(of))).toBe("a\uFFFD\uFFFDb");
    expect(tokenizer.encode("\ud83d")).toEqual(tokenizer.encode("\uFFFD"));
  });

  test("tokens that the pieces do not have", () => {
    const added = [
      { id: 511, content: "<pic>", lstrip: true, rstrip: true },
      { id: 510, content: "<pi" },
    ];
    const model = modelOf("llama", { legacy: false, added, end: { content: "<pi" }, addEnd: true });
    expect(bare(model, "a  <pic> \n b<pi")).toEqual([...bare(model, "a"), 511, model.token_to_id("b"), 510]);
    expect(model.encode("", { add_special_tokens: true }).ids).toEqual([1, 510]);
    expect([model.id_to_token(511), model.token_to_id("<pic>"), model.decode([511, 1_000])]).toEqual([
      "<pic>",
      511,
      "<pic><unk>",
    ]);
    expect(() => modelOf("llama", { start: { content: "<start>" } })).toThrow(/llama: got no "<start>"/);
    expect(modelOf("llama", { start: null }).encode("", { add_special_tokens: true }).ids).toEqual([]);
  });
});

describe("what is no such file, or not built, is refused", () => {
  const llama = bytesOf("llama");
  /** Fields that are added to a message's earlier ones. */
  const trainer = (...fields: number[]): Buffer => Buffer.from([...llama, 0x12, fields.length, ...fields]);
  const normaliser = (...fields: number[]): Buffer => Buffer.from([...llama, 0x1a, fields.length, ...fields]);
  const failure = (bytes: Uint8Array): string => {
    try {
      sentencePieceTokenizerOf("m/tokenizer.model", bytes, USE);
      return "";
    } catch (error) {
      if (!(error instanceof VitrineError)) throw error;
      return `${error.code} ${error.message}`;
    }
  };

  test.each<[string, Uint8Array, RegExp]>([
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n"), /got /],
    ["an empty file", Buffer.from(""), /no pieces/],
    ["a pointer", Buffer.from("version https://git-lfs.github.com/spec/v1\noid sha256:00\n"), /a Git LFS pointer/],
    ["tiktoken's", Buffer.from("IQ== 0\nIg== 1\nIw== 2\n"), /a vocabulary of tiktoken/],
    ["JSON", Buffer.from('{"model": {}}'), /got JSON/],
    ["no unknown piece", Buffer.from([0x0a, 3, 0x0a, 1, 0x61, 0x12, 0, 0x1a, 0]), /0 pieces for what is unknown/],
    ["a piece twice", Buffer.from([...llama, 0x0a, 3, 0x0a, 1, 0x61]), /a piece twice/],
    [
      "bytes that are missing",
      Buffer.from([...bytesOf("symbols"), 0x12, 3, 0x98, 0x02, 1]),
      /pieces for 0 of 256 bytes/,
    ],
    ["rules of another form", normaliser(0x12, 2, 1, 2), /rules for characters/],
  ])("%s", (_, bytes, message) => {
    expect(failure(bytes)).toMatch(/^tokenizer-not-sentence-piece .*m\/tokenizer\.model/);
    expect(failure(bytes)).toMatch(message);
  });

  test.each<[string, Uint8Array, RegExp]>([
    ["words", trainer(0x18, 3), /got a word model, expected byte pairs or unigrams/],
    ["characters", trainer(0x18, 4), /a character model/],
    ["spaces after words", trainer(0xc0, 0x01, 1), /suffixes/],
    ["spaces as they are", normaliser(0x28, 0), /spaces that are kept/],
    ["rewritten output", Buffer.from([...llama, 0x2a, 3, 0x12, 1, 0x41]), /what was decoded/],
  ])("%s", (_, bytes, message) => {
    expect(failure(bytes)).toMatch(/^tokenizer-not-usable .*m\/tokenizer\.model.*convert/);
    expect(failure(bytes)).toMatch(message);
  });

  test("files that are cut off, wherever", () => {
    for (let length = 0; length < llama.length; length += length < llama.length - 300 ? 37 : 1) {
      expect(failure(llama.subarray(0, length)), `${length} bytes`).toMatch(/^tokenizer-not-sentence-piece/);
    }
    expect(failure(llama)).toBe("");
  });

  test("damaged files are refused or read, and nothing else", () => {
    const random = new Random(3);
    const codes = Array.from({ length: 300 }, (_, i) => failure(mutate(bytesOf(NAMES[i % 3]!), random)).split(" ")[0]);
    expect(codes.filter((code) => code === "tokenizer-not-sentence-piece").length).toBeGreaterThan(50);
  });
});
