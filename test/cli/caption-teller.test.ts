import { expect, test } from "vitest";
import { CaptionTeller } from "../../src/cli/captions/caption-teller.js";
import { floatTensor } from "../../src/engine/tensor/tensor.js";

const belief = (word: string, confidence: number) => ({
  word,
  tokens: [1],
  confidence,
  layer: 0,
  place: 0,
  byLayer: [confidence],
  map: floatTensor(Float32Array.of(confidence), [1]),
});
const named = (word: string, confidence: number) => ({
  word,
  object: word,
  start: 0,
  end: 3,
  belief: belief(word, confidence),
  probability: 0.5,
});

async function told(live: boolean, text: string): Promise<string[]> {
  const writes: string[] = [];
  const teller = new CaptionTeller((piece) => writes.push(piece), live);
  teller.heading("model", "it knows nothing");
  await teller.text((onText) => {
    for (const piece of text.split(/(?<= )/)) onText?.(piece);
    return Promise.resolve({ text });
  });
  teller.objects([named("fox", 0.25), named("owl", 0.04)], 0.1);
  teller.asked([belief("tree", 1)]);
  teller.without(["owl"]);
  teller.stays();
  return writes;
}

test("who watches and who does not are told the same; who watches, word by word", async () => {
  const [live, whole] = [await told(true, "a fox, an owl"), await told(false, "a fox, an owl")];
  expect(live.join("")).toBe(whole.join(""));
  expect(live.length - whole.length).toBe(3);
  expect(whole.join("")).toBe(
    `model\nit knows nothing\n\na fox, an owl\n
Objects it names, and how much its image tokens hold of each:
  fox               25.0%   said with 50%
  owl                4.0%   said with 50%  doubted: below the threshold

Asked for:
  tree             100.0%

Without owl:
That names no fewer things that it does not believe in, or more in all: the caption stays as it was.\n\n`,
  );
});

test("lines stay lines, other control characters are shown, and silence is said to be that", async () => {
  expect((await told(true, "one\ntwo \u001b[31m")).join("")).toContain("one\ntwo \ufffd[31m\n");
  expect((await told(false, "")).join("")).toContain("(The model ends without a word.)\n\nObjects");
});
