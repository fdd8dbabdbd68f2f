/** `vitrine neurons --pool`: what it prints and writes, and what it refuses. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { encodePng } from "../../src/engine/media/encode.js";
import { neuronEffects } from "../../src/methods/neurons/second-order.js";
import { sparseText } from "../../src/methods/neurons/sparse-text.js";
import { textDictionary } from "../../src/methods/neurons/text-dictionary.js";
import { loadClip } from "../../src/models/clip/load.js";
import { Random, renderScene, sampleScene } from "../../src/worlds/scenes/index.js";
import { randomPixels, readAll, writeAll } from "../support/clips.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const folder = scratchFolder();
const at = (name: string): string => join(folder, name);
const pixels = randomPixels(12, 64);
await writeAll(at("pixels.safetensors"), new Map([["pixels", pixels]]));
await writeAll(at("one.safetensors"), new Map([["pixels", randomPixels(1, 64)]]));
const TEXTS = ["a red fish", "the sea", "a sketch of a tree", "night", "something striped", "a small boat"];
writeFileSync(
  at("pool.txt"),
  `\ufeff${TEXTS.slice(0, 3).join("\r\n")}\r\n\n  ${TEXTS.slice(3).join("\n")}  \nthe sea\n`,
);
writeFileSync(at("one.txt"), "the sea\n\nthe sea\n");
writeFileSync(at("empty.txt"), " \n");
const words = ["neurons", "--pixels", at("pixels.safetensors"), "--layer", "2", "--pool", at("pool.txt")];

interface Document {
  readonly pictures: number;
  readonly texts: number;
  readonly neurons: readonly {
    readonly neuron: number;
    readonly threshold: number;
    readonly words: readonly { readonly text: string; readonly index: number; readonly coefficient: number }[];
  }[];
  readonly images?: readonly { readonly name: string; readonly concepts: readonly { readonly text: string }[] }[];
  readonly files?: readonly string[];
}

test("writes statistics and words of all neurons, and prints the strongest", async () => {
  const out = at("out");
  const { code, stdout, stderr } = await vitrine([...words, "--atoms", "3", "--out", out, "--concepts", "--json"]);
  expect([code, stderr]).toEqual([0, ""]);
  const printed = JSON.parse(stdout) as Document;
  const written = JSON.parse(readFileSync(join(out, "neuron_words.json"), "utf8")) as Document;
  expect(printed.files).toEqual([join(out, "neuron_statistics.safetensors"), join(out, "neuron_words.json")]);
  expect([printed.pictures, printed.texts, printed.neurons.length]).toEqual([12, 6, 5]);
  expect([written.pictures, written.neurons.length]).toEqual([12, 768]);
  expect(printed.images!.map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, i) => `pixels[${i}]`));

  const tensors = await readAll(join(out, "neuron_statistics.safetensors"));
  const thresholds = tensors.get("thresholds")!.data;
  const order = [...thresholds.keys()].sort((a, b) => thresholds[b]! - thresholds[a]!);
  expect(printed.neurons.map(({ neuron }) => neuron)).toEqual(order.slice(0, 5));
  expect(printed.neurons[0]).toEqual(written.neurons[order[0]!]);

  await using clip = await loadClip("clip-scenes");
  const dictionary = textDictionary(await clip.encodeText(TEXTS));
  const expected = await sparseText(tensors.get("directions")!, dictionary, { atoms: 3 });
  for (const neuron of [0, order[0]!, 767]) {
    const found = written.neurons[neuron]!.words;
    expect(found.map(({ index }) => index)).toEqual(expected[neuron]!.words.map(({ text }) => text));
    expect(found.map(({ text }) => text)).toEqual(found.map(({ index }) => TEXTS[index]));
  }
  const effects = await neuronEffects(clip, pixels, { layer: 2 });
  const width = effects.shape[2]!;
  const mean = tensors.get("mean_effects")!;
  for (const neuron of [0, 400]) {
    for (let d = 0; d < width; d++) {
      const all = Array.from({ length: 12 }, (_, b) => effects.data[(b * 768 + neuron) * width + d]!);
      expect(mean.data[neuron * width + d]).toBeCloseTo(
        all.reduce((sum, x) => sum + x / 12, 0),
        6,
      );
    }
  }
});

test("tells one neuron for people", async () => {
  const { code, stdout } = await vitrine([...words, "--neuron", "7", "--atoms", "2", "--concepts"]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^clip-scenes · layer 2 of 4 · 768 neurons · 12 pictures · 6 texts\n/);
  expect(stdout).toMatch(/\nNeuron 7: effects over 0\.\d{4} on 75 % of the pictures\n/);
  expect(stdout).toMatch(
    /\n {2}2 texts make up \d.* of it:\n( {2}[+−]0\.\d{4} {3}\S.*\n){2} {2}Strongest on pixels\[\d+\], /,
  );
  expect(stdout).toMatch(/\nWhat the neurons over their thresholds say of each picture:\n {2}pixels\[0\]: \d+ active/);
});

test("does not overwrite earlier results unless told to", async () => {
  const out = at("twice");
  expect((await vitrine([...words, "--out", out])).code).toBe(0);
  const again = await vitrine([...words, "--out", out]);
  expect([again.code, again.stderr]).toEqual([
    2,
    expect.stringMatching(/earlier run.*neuron_statistics.*\[output-exists\]/),
  ]);
  expect((await vitrine([...words, "--out", out, "--force"])).code).toBe(0);
});

describe("refused", () => {
  test.each([
    [["--pool", at("empty.txt")], 2, /too few texts in the pool: .*empty\.txt: got none, expected 2 or more/],
    [["--pool", at("one.txt")], 2, /too few texts in the pool: .*got only "the sea"/],
    [["--pool", at("absent.txt")], 1, /cannot read the pool of texts: .*no such file.*\[file-missing\]/],
    [["--pool", folder], 1, /cannot read the pool of texts: .*EISDIR.*\[file-unreadable\]/],
    [["--neuron", "768"], 2, /no such neuron: clip-scenes: got 768, expected a whole number from 0 to 767/],
    [["--atoms", "7"], 2, /cannot give so many texts: got --atoms 7 of 6/],
    [["--bookkeeping", "reference"], 2, /without constants.*got --bookkeeping reference, expected clean/],
    [["--layer", "3"], 2, /no second-order effects of this layer's neurons/],
    [["--pixels", at("one.safetensors")], 2, /too few pictures .*got 1, expected 2 or more/],
  ])("%j", async (args, exit, says) => {
    const out = at("refused");
    const { code, stdout, stderr } = await vitrine([...words, ...args, "--out", out]);
    expect([code, stdout]).toEqual([exit, ""]);
    expect(stderr).toMatch(says);
    expect(existsSync(out)).toBe(false);
  });

  test.each(["--atoms 3", "--neuron 3", "--concepts"])("%s without a pool", async (args) => {
    const { code, stderr } = await vitrine([...words.slice(0, -2), ...args.split(" ")]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^vitrine: --\w+ has no texts .*expected --pool FILE/)]);
  });
});

test("a folder with pictures nobody can read gives words of the others, which are named and counted", async () => {
  const photos = at("photos");
  mkdirSync(photos);
  const random = new Random(5);
  for (let i = 0; i < 6; i++) {
    writeFileSync(join(photos, `${i}.png`), await encodePng(renderScene(sampleScene(random), 64)));
  }
  writeFileSync(join(photos, "2.png"), "no picture");
  const command = ["neurons", photos, "--layer", "2", "--pool", at("pool.txt"), "--atoms", "2", "--json"];
  const { code, stdout } = await vitrine(command);
  const document = JSON.parse(stdout) as Document & { readonly skipped: readonly { readonly name: string }[] };
  expect([code, document.pictures]).toEqual([0, 5]);
  expect(document.skipped.map(({ name }) => name)).toEqual([join(photos, "2.png")]);
  const strict = await vitrine([...command, "--strict"]);
  expect([strict.code, strict.stderr]).toEqual([1, expect.stringContaining("2.png")]);
});

describe("what deceives", () => {
  test("words, prompts and scenes for two classes", async () => {
    const out = at("deceived");
    const words = ["--shown", "a fish", "--taken-for", "a bird", "--scenes", "60", "--atoms", "4", "--prompts", "3"];
    const { code, stdout } = await vitrine(["neurons", "--layer", "1", ...words, "--out", out, "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as {
      readonly words: readonly { readonly text: string; readonly score: number }[];
      readonly prompts: readonly string[];
      readonly scenes: { readonly taken_for: { readonly share: number; readonly count: number } };
      readonly files: readonly string[];
    };
    expect(found.words.length).toBeGreaterThan(3);
    expect(found.words.some(({ text }) => ` ${text}`.includes(" bird"))).toBe(false);
    expect(found.words.map(({ score }) => score)).toEqual(
      found.words.map(({ score }) => score).toSorted((a, b) => b - a),
    );
    expect(found.prompts.every((prompt) => prompt.startsWith("A picture of a fish, with "))).toBe(true);
    expect(found.scenes.taken_for.count).toBe(96);
    expect(found.files.map((path) => existsSync(path))).toEqual([true, true, true]);
    expect(readFileSync(join(out, "prompts.txt"), "utf8").trim().split("\n")).toEqual(found.prompts);
  });

  test("one class without the other is refused", async () => {
    const { code, stderr } = await vitrine(["neurons", "--layer", "1", "--shown", "a fish"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--taken-for")]);
  });
});
