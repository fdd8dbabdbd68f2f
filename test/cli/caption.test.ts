import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../src/engine/media/decode.js";
import { say } from "../../src/methods/captions/caption.js";
import { loadVlm } from "../../src/models/vlm/load.js";
import { QUERY_COUNT, writeInstructBlip } from "../support/instruct-blips.js";
import { writeLlava } from "../support/llavas.js";
import { ROOT } from "../support/paths.js";
import { scratchFolder } from "../support/scratch-folder.js";
import { vitrine } from "../support/vitrine.js";

const root = scratchFolder();
const model = join(root, "llava");
const scene = join(ROOT, "examples/scene.png");
const BRIEF = ["--model", model, "--max-tokens", "6"];

beforeAll(async () => {
  await writeLlava(model, "hugging-face", (config) => {
    (config["text_config"] as Record<string, unknown>)["max_position_embeddings"] = 1024;
  });
});

interface Document {
  readonly caption: string;
  readonly tokens: readonly { readonly text: string; readonly start: number; readonly end: number }[];
  readonly confidence: readonly { readonly word: string; readonly confidence: number; readonly map: number[] }[];
  readonly erased?: readonly string[];
  readonly after?: string;
  readonly files: readonly string[];
}

describe("vitrine caption", () => {
  test("says, believes, erases and writes maps", async () => {
    const out = join(root, "out");
    const args = ["caption", scene, ...BRIEF, "--confidence", "x", "--erase", "y", "--alpha", "30", "--out", out];
    const { code, stdout, stderr } = await vitrine([...args, "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const found = JSON.parse(stdout) as Document;
    expect(found.tokens.map(({ start, end }) => found.caption.slice(start, end)).join("")).toBe(found.caption);
    expect(found.confidence[0]!.word).toBe("x");
    expect(found.confidence[0]!.map.length).toBe(16);
    expect(Math.max(...found.confidence[0]!.map)).toBeCloseTo(found.confidence[0]!.confidence, 6);
    expect(found.erased).toEqual(["y"]);
    expect(found.files).toEqual([join(out, "caption.json"), join(out, "map-x.png")]);
    expect((await readFile(join(out, "map-x.png"))).subarray(1, 4).toString()).toBe("PNG");
    const again = await vitrine(args);
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("[output-exists]")]);
  });

  test.each<[string, string[], RegExp]>([
    [
      "a word that the model has no token for",
      ["--confidence", "elephant"],
      /no token for this word.*"elephant".*\[unknown-word\]/,
    ],
    [
      "a text layer that is not there",
      ["--erase", "x", "--text-layer", "9"],
      /no such text layer: got 9.*\[layer-range\]/,
    ],
    [
      "a block that is not there",
      ["--erase", "x", "--layer", "9"],
      /nothing can be erased after this block: got 9.*\[layer-range\]/,
    ],
    ["two ways to erase", ["--erase", "x", "--auto-erase"], /two ways to erase/],
    ["drawn beams", ["--beams", "3", "--temperature", "1"], /beams are searched by probability, and not drawn/],
    ["a prompt without a picture", ["--prompt", "{question}"], /<image> 0 times.*\[image-token-count\]/],
    ["a question with no place", ["--prompt", "a<image>", "--question", "b"], /no place for a question/],
    ["alpha that is none", ["--alpha", "none"], /above 0/],
  ])("%s is refused", async (_name, args, message) => {
    const { code, stderr } = await vitrine(["caption", scene, ...BRIEF, ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  test("a model whose image tokens are queries has beliefs and no maps, and says so", async () => {
    const folder = join(root, "instructblip");
    await writeInstructBlip(folder);
    const args = ["caption", scene, "--model", folder, "--question", "what", "--max-tokens", "4", "--confidence", "x"];
    const out = join(root, "queries");
    const { code, stdout } = await vitrine([...args, "--out", out, "--json"]);
    expect(code).toBe(0);
    const found = JSON.parse(stdout) as Document & { readonly model: object };
    expect(found.model).toMatchObject({ grid: null });
    expect(found.confidence[0]).toMatchObject({ word: "x", place: null, map: null });
    const { queries, confidence } = found.confidence[0] as unknown as { queries: number[]; confidence: number };
    expect([queries.length, Math.max(...queries)]).toEqual([QUERY_COUNT, confidence]);
    expect(found.files).toEqual([join(out, "caption.json")]);
    const text = await vitrine(args);
    expect(text.stdout).toMatch(
      /image tokens are learnt queries and stand for no place in the picture: there are no maps/,
    );
  });

  test("options of draws, prompt and question are those of the library", async () => {
    const said = async (...args: string[]): Promise<string> => {
      const { code, stdout } = await vitrine(["caption", scene, ...BRIEF, ...args, "--json"]);
      expect(code).toBe(0);
      return (JSON.parse(stdout) as Document).caption;
    };
    await using vlm = await loadVlm(model);
    const seen = await vlm.see(vlm.preprocess([await decodeImage(scene)]));
    const drawn = await said(..."--temperature 3 --top-p 0.9 --seed 4 --repetition-penalty 1.2".split(" "));
    const options = { maxTokens: 6, temperature: 3, topP: 0.9, seed: 4, repetitionPenalty: 1.2 };
    expect(drawn).toBe((await say(vlm, vlm.prompt(seen), options)).text);
    const asked = await said("--prompt", "x<image>{question}", "--question", "zz", "--beams", "5");
    const prompt = vlm.prompt(seen, "zz", "x<image>{question}");
    expect(asked).toBe((await say(vlm, prompt, { maxTokens: 6, beams: 5 })).text);
  });

  test("maps leave out a class token", async () => {
    const folder = join(root, "full");
    await writeLlava(folder, "hugging-face", (config) => {
      config["vision_feature_select_strategy"] = "full";
    });
    const args = ["caption", scene, "--model", folder, "--max-tokens", "2", "--confidence", "x", "--question", "a"];
    const { code, stdout } = await vitrine([...args, "--out", join(root, "full-out"), "--json"]);
    expect(code).toBe(0);
    expect((JSON.parse(stdout) as Document).confidence[0]!.map.length).toBe(16);
  });

  test("a CLIP is no vision-language model", async () => {
    const { code, stderr } = await vitrine(["caption", scene, "--model", "clip-scenes"]);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/nothing brings pictures into the language model/)]);
  });
});
