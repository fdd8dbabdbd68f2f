import fc from "fast-check";
import { expect, test } from "vitest";
import { byteTokenizerJson } from "../../../src/engine/media/byte-tokenizer.js";
import { cleanClipText } from "../../../src/engine/media/clip-text.js";
import { loadTokenizer } from "../../../src/engine/media/load-tokenizer.js";
import { wordMerges } from "../../../src/engine/media/word-merges.js";

const tokenizer = await loadTokenizer(byteTokenizerJson(wordMerges(["cat", "cats", "dog", "grass"])));

test("words have the tokens that stand for them, whatever is merged", () => {
  expect(tokenizer.words("A cat's  DOG, 42é")).toEqual([
    { word: "a", start: 1, end: 2 },
    // "cat" and "'s", of two letters that are no token of their own.
    { word: "cat's", start: 2, end: 5 },
    { word: "dog,", start: 5, end: 7 },
    { word: "42é", start: 7, end: 11 },
  ]);
  expect(tokenizer.words("")).toEqual([]);
});

test("of any text, words are in order, without gaps, and read as what they say", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constantFrom("cat", "dogs", "né 🙂")), {
        maxLength: 6,
      }),
      (parts) => {
        const text = parts.join(" ");
        fc.pre(!/<\|(start|end)oftext\|>/.test(text));
        const contextLength = 400;
        const words = tokenizer.words(text, { contextLength });
        const { data } = tokenizer.encode([text], { contextLength });
        expect(words.map(({ word }) => word).join(" ")).toBe(cleanClipText(text));
        let at = 1;
        for (const { word, start, end } of words) {
          expect(start).toBe(at);
          expect(tokenizer.decode(data.subarray(start, end)).replaceAll(" ", "")).toBe(word);
          at = end;
        }
        expect(data[at]).toBe(tokenizer.endId);
      },
    ),
  );
});

test("a text that is too long ends within a word", () => {
  const words = tokenizer.words("cat xyz dog", { contextLength: 5 });
  expect(words).toEqual([
    { word: "cat", start: 1, end: 2 },
    { word: "xyz", start: 2, end: 4 },
  ]);
});
