import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { byteTokenizerJson } from "../../../src/engine/media/byte-tokenizer.js";
import { languageTokenizerOf } from "../../../src/engine/media/language-tokenizer.js";
import { say } from "../../../src/methods/captions/caption.js";
import { TextStream } from "../../../src/methods/captions/text-stream.js";
import { loadVlm } from "../../../src/models/vlm/load.js";
import { randomPixels } from "../../support/clips.js";
import { TOWER, writeLlava } from "../../support/llavas.js";
import { scratchFolder } from "../../support/scratch-folder.js";

const tokenizer = languageTokenizerOf({ where: "here", text: JSON.stringify(byteTokenizerJson()) });

test("pieces make up the text, whatever it is, and no character comes in parts", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
      const tokens = tokenizer.encode(text);
      const pieces: string[] = [];
      const stream = new TextStream(tokenizer, (piece) => pieces.push(piece));
      for (const token of tokens) stream.push(token);
      const whole = tokenizer.decode(tokens);
      stream.end(whole);
      expect(pieces.join("")).toBe(whole);
      // A character of several bytes is told with its last.
      if (!whole.includes("\uFFFD")) expect(pieces.every((piece) => !piece.includes("\uFFFD"))).toBe(true);
    }),
    { numRuns: 200 },
  );
});

describe("what a model says", async () => {
  const { folder } = await writeLlava(join(scratchFolder(), "llava"), "hugging-face");
  const model = await loadVlm(folder);
  afterAll(() => model.dispose());
  const seen = await model.see(randomPixels(1, TOWER.architecture.vision.imageSize));
  const prompt = model.prompt(seen, "", "a<image>b");

  test("is heard word by word, and with beams once it is whole", async () => {
    for (const beams of [1, 3]) {
      const pieces: string[] = [];
      const options = { maxTokens: 12, beams, repetitionPenalty: 1.5 };
      const said = await say(model, prompt, { ...options, onText: (piece) => pieces.push(piece) });
      expect(pieces.join(""), `${beams} beams`).toBe(said.text);
      expect(said).toEqual(await say(model, prompt, options));
      if (beams === 1) expect(pieces.length).toBeGreaterThan(4);
      else expect(pieces).toHaveLength(1);
    }
  });

  test("beams are not drawn", async () => {
    await expect(say(model, prompt, { beams: 2, temperature: 1 })).rejects.toThrow(/beams are searched/);
  });
});
