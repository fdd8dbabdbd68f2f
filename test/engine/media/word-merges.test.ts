import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteTokenizerJson } from "../../../src/engine/media/byte-tokenizer.js";
import { parseTokenizer } from "../../../src/engine/media/clip-tokenizer.js";
import type { Tokenizer } from "../../../src/engine/media/tokenizer.js";
import { wordMerges } from "../../../src/engine/media/word-merges.js";

const CONTEXT = 40;
const tokenizerOf = (words: readonly string[]): Tokenizer => parseTokenizer(byteTokenizerJson(wordMerges(words)));

/** The tokens of a text, without start, end and padding. */
function tokensOf(tokenizer: Tokenizer, text: string): number[] {
  const ids = [...tokenizer.encode([text], { contextLength: CONTEXT }).data];
  return ids.slice(1, ids.indexOf(tokenizer.endId));
}

const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "d", "e", "s", "t"), minLength: 1, maxLength: 9 });
const wordLists = fc.uniqueArray(word, { minLength: 1, maxLength: 30 });

test("the most frequent pair is merged first, ties by code points", () => {
  expect(wordMerges(["abab", "abc", "b"])).toEqual([
    ["a", "b"],
    ["a", "b</w>"],
    ["ab", "ab</w>"],
    ["ab", "c</w>"],
  ]);
});

test("of aaa, the left pair is merged", () => {
  expect(wordMerges(["aaaa"])).toEqual([
    ["a", "a"],
    ["a", "a</w>"],
    ["aa", "aa</w>"],
  ]);
});

test("neither the words' order nor their repetition matters", () => {
  fc.assert(
    fc.property(wordLists, (words) => {
      expect(wordMerges([...words.toReversed(), ...words])).toEqual(wordMerges(words));
    }),
  );
});

test("words of one letter, and no words, need no merges", () => {
  expect(wordMerges([])).toEqual([]);
  expect(wordMerges(["a", "s"])).toEqual([]);
});

describe("in a tokenizer", () => {
  test("every word is one token of its own, whatever the words are", () => {
    fc.assert(
      fc.property(wordLists, (words) => {
        const tokenizer = tokenizerOf(words);
        const ids = words.map((one) => tokensOf(tokenizer, one));
        expect(ids.filter((tokens) => tokens.length !== 1)).toEqual([]);
        expect(new Set(ids.flat()).size).toBe(words.length);
      }),
    );
  });

  test("any text of letters is spelt, and decodes back", () => {
    fc.assert(
      fc.property(wordLists, fc.array(word, { minLength: 1, maxLength: 4 }), (words, others) => {
        const tokenizer = tokenizerOf(words);
        const ids = tokensOf(tokenizer, others.join(" "));
        expect(ids.length).toBeLessThanOrEqual(others.join("").length);
        expect(tokenizer.decode([tokenizer.startId, ...ids, tokenizer.endId])).toBe(others.join(" "));
      }),
    );
  });

  test("other words fall into pieces of these, down to letters", () => {
    const tokenizer = tokenizerOf(["fish", "fishing"]);
    const pieces = (text: string): string[] => tokenizer.tokenStrings(tokensOf(tokenizer, text));
    expect(pieces("fish")).toEqual(["fish"]);
    expect(pieces("fishes")).toEqual(["fish", "e", "s"]);
    expect(pieces("zebra 7!")).toEqual(["z", "e", "b", "r", "a", "7", "!"]);
  });
});
