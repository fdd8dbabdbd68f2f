import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parsePieceTokenizer } from "../../../src/engine/media/piece-tokenizer.js";
import { loadPieceTokenizer } from "../../../src/engine/media/load-tokenizer.js";
import { Random } from "../../../src/engine/tensor/random.js";
import { letterTokenizerJson } from "../../../src/models/families/letter-tokenizer.js";
import { ROOT } from "../../support/paths.js";

const WORDS = [
  ["▁a", -2],
  ["▁cat", -4],
  ["▁c", -3.5],
  ["at", -3],
  ["ab", -5.5],
  ["ba", -5],
  ["aba", -7.9],
  ["s", -6],
] as const;
const JSON_OF = letterTokenizerJson(WORDS) as { model: { vocab: [string, number][] } };
const SCORES = new Map<string, number>();
// A piece that is listed twice is the later one.
const VOCAB = JSON_OF.model.vocab.filter(([piece], i, all) => all.findLastIndex(([other]) => other === piece) === i);
for (const [piece, score] of VOCAB.slice(3)) SCORES.set(piece, score);
const tokenizer = parsePieceTokenizer(JSON_OF);

/** The score of the best way to cut text into pieces, by trying all. */
function best(text: string): number {
  if (text === "") return 0;
  let most = -Infinity;
  for (const [piece, score] of SCORES)
    if (text.startsWith(piece)) most = Math.max(most, score + best(text.slice(piece.length)));
  return most;
}

const piecesOf = (ids: readonly number[]): string[] => ids.map((id) => JSON_OF.model.vocab[id]![0]);

function contentOf(text: string, contextLength = 64): number[] {
  const row = [...tokenizer.encode([text], { contextLength }).data];
  return row.slice(0, row.indexOf(tokenizer.endId));
}

describe("SigLIP's tokenizer", () => {
  test("cuts texts into the likeliest pieces: as good as the best of all ways", () => {
    const random = new Random(5);
    for (let i = 0; i < 200; i++) {
      const length = 1 + Math.floor(random.uniform() * 9);
      const text = Array.from({ length }, () => "abcts"[Math.floor(random.uniform() * 5)]!).join("");
      const pieces = piecesOf(contentOf(text));
      expect(pieces.join("")).toBe(`▁${text}`);
      const score = pieces.reduce((sum, piece) => sum + SCORES.get(piece)!, 0);
      expect(score).toBeCloseTo(best(`▁${text}`), 9);
    }
  });

  test("gives SentencePiece's own ids (test/fixtures/pieces)", async () => {
    const folder = join(ROOT, "test/fixtures/pieces");
    const real = await loadPieceTokenizer(join(folder, "tokenizer.json"));
    const expected = JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) as {
      text: string;
      ids: number[];
    }[];
    expect(expected.length).toBeGreaterThan(10);
    for (const { text, ids } of expected) {
      const contextLength = ids.length + 2;
      expect([...real.encode([text], { contextLength }).data], text).toEqual([...ids, 1, 1]);
    }
  });

  test("does not see case, punctuation and needless white space", () => {
    const plain = contentOf("a cat 2");
    expect(piecesOf(plain)).toEqual(["▁a", "▁cat", "▁", "2"]);
    for (const text of ["A  Cat,\t2!", " a_ (cat) #2\n", "a cat 2."]) {
      expect(contentOf(text)).toEqual(plain);
    }
    expect(contentOf("cat's")).toEqual(contentOf("cats"));
  });

  test("ends every text, and fills up with the end token unless another is named", () => {
    const [a, cat] = contentOf("a cat") as [number, number];
    expect([...tokenizer.encode(["a cat", ""], { contextLength: 5 }).data]).toEqual([a, cat, 1, 1, 1, 1, 1, 1, 1, 1]);
    const named = parsePieceTokenizer(JSON_OF, { pad_token: "<pad>" });
    expect([...named.encode(["a cat"], { contextLength: 5 }).data]).toEqual([a, cat, 1, 0, 0]);
    // Too long: cut, and its last token is the end.
    expect([...tokenizer.encode(["a cat a cat"], { contextLength: 4 }).data]).toEqual([a, cat, a, 1]);
    expect(() => tokenizer.encode(["a"], { contextLength: 1 })).toThrow(/context/);
  });

  test("byte pairs with ▁ for spaces, as in SigLIP 2, keep punctuation", () => {
    const symbols = ["<pad>", "<eos>", "<bos>", "<unk>", "▁", "a", ".", "▁a"];
    const gemma = {
      version: "1.0",
      added_tokens: [],
      normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
      pre_tokenizer: { type: "Split", pattern: { String: " " }, behavior: "MergedWithPrevious", invert: false },
      post_processor: null,
      decoder: null,
      model: {
        type: "BPE",
        unk_token: "<unk>",
        fuse_unk: true,
        byte_fallback: false,
        vocab: Object.fromEntries(symbols.map((symbol, id) => [symbol, id])),
        merges: [["▁", "a"]],
      },
    };
    expect([...parsePieceTokenizer(gemma).encode(["A a."], { contextLength: 6 }).data]).toEqual([5, 7, 6, 1, 0, 0]);
  });

  test.each([
    [{}, "none"],
    [{ model: { type: "BPE", end_of_word_suffix: "</w>" } }, "BPE"],
    [{ model: { type: "WordPiece" } }, "WordPiece"],
    [{ model: { type: "Unigram", vocab: [["a", 0]], unk_id: 0 } }, "decoder"],
    [
      { ...letterTokenizerJson(), added_tokens: [], model: { type: "Unigram", vocab: [["a", 0]], unk_id: 0 } },
      "no end token",
    ],
  ])("%j is refused", (json, says) => {
    expect(() => parsePieceTokenizer(json)).toThrow(
      expect.objectContaining({ code: "tokenizer-not-siglip", message: expect.stringContaining(says) as string }),
    );
  });
});
