/** Expected values are what ftfy 6.3.1 gives for the same texts. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fixText } from "../../../src/engine/media/fix-text.js";

describe("fixText", () => {
  test.each([
    ["curly quotes", "“a” ‘b’ ‛c‟ ‚d„ donʼt", `"a" 'b' 'c" 'd" don't`],
    ["not other marks", "‹a› «b» ′c″ `d´ – …", "‹a› «b» ′c″ `d´ – …"],
    ["ligatures", "eﬃcient ﬁsh ﬂy oﬀ ﬄ ﬅ ﬆ", "efficient fish fly off ffl ſt st"],
    ["digraphs", "ĳ Ĳ ŉ Ǆǅǆ Ǉǈǉ Ǌǋǌ Ǳǲǳ", "ij IJ 'n DŽDždž LJLjlj NJNjnj DZDzdz"],
    ["not letters", "œ æ ß ẞ ﬓ", "œ æ ß ẞ ﬓ"],
    ["full width", "ＣＡＴ　１２３！ ￥", "CAT 123! ¥"],
    ["half width", "ｶﾀｶﾅ ｶﾞ ￨", "カタカナ ガ │"],
    ["not other compatibility forms", "① ½ ™ ² Ⅳ", "① ½ ™ ² Ⅳ"],
    ["C1 controls", "\x80 it\x92s\x85 \x81", "€ it's… \x81"],
    ["control characters", "a\0b\x07c\x0bd\x1ce\x7ff\u206ag\ufff9h", "abcdefgh"],
    ["not tabs, form feeds and joiners", "a\tb\fc 👩\u200d🚀", "a\tb\fc 👩\u200d🚀"],
    ["byte-order marks", "\ufeffx\ufeffy", "xy"],
    ["terminal escapes", "\x1b[36;44mblue\x1b[0m \x1b[x", "blue "],
    ["lone surrogates", "\ud83d x \ud83d\ude00", "\ufffd x 😀"],
    ["composition", "cafe\u0301 ﬁ\u0301", "café fí"],
    ["entities", "&lt;3 it&rsquo;s &#146; &amp;amp;rsquo; &copy 2020", "<3 it's ' ' &copy 2020"],
    ["no entities after <", "&rsquo;\na <b> &rsquo;\n&rsquo;", "'\na <b> &rsquo;\n&rsquo;"],
    ["plain text", "naïve café — déjà vu 🙂", "naïve café — déjà vu 🙂"],
  ])("%s", (_, text, fixed) => {
    expect(fixText(text)).toBe(fixed);
  });

  test("leaves wrongly decoded text as it is", () => {
    expect(fixText("donâ€™t")).toBe("donâ€™t");
  });

  test("done twice is done once", () => {
    const part = fc.constantFrom(
      "&amp;",
      "&rsquo;",
      "#39;",
      "ﬁ",
      "\u0301",
      "e",
      "<",
      "\n",
      "\x1b[",
      "\x07",
      "0m",
      "\x92",
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(part, fc.string({ unit: "binary" })), { maxLength: 6 }), (parts) => {
        const once = fixText(parts.join(""));
        expect(fixText(once)).toBe(once);
      }),
      { seed: 6, numRuns: 1000 },
    );
  });

  test("text escaped a hundred thousand times over takes no longer than other text", () => {
    const start = performance.now();
    fixText(`&${"amp;".repeat(100_000)}`);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
