/** The jobs about captions, on a small random LLaVA that is opened from bytes, against the library on the same one opened from disk. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { WrongFamilyError } from "../../src/models/clip/errors.js";
import { type JobContext, JOBS } from "../../src/jobs/index.js";
import { say, sayWithout } from "../../src/methods/captions/caption.js";
import { beliefs } from "../../src/methods/captions/confidence.js";
import { lensWords } from "../../src/methods/captions/lens.js";
import { loadClip } from "../../src/models/clip/load.js";
import type { ModelFiles } from "../../src/models/clip/load-bytes.js";
import { loadVlm } from "../../src/models/vlm/load.js";
import { loadVlmFromBytes } from "../../src/models/vlm/load-bytes.js";
import { Random, renderScene, sampleScene } from "../../src/worlds/scenes/index.js";
import { QUERY_COUNT, writeInstructBlip } from "../support/instruct-blips.js";
import { TOWER, writeLlava } from "../support/llavas.js";
import { CALM, jobContext } from "../support/job-context.js";
import { scratchFolder } from "../support/scratch-folder.js";

const folder = join(scratchFolder(), "llava");
const withClassToken = { mm_vision_select_feature: "cls_patch" };
await writeLlava(folder, "llava", (config) => Object.assign(config, { prompt: "a<image>{question}" }, withClassToken));

async function inMemory(...names: string[]): Promise<ModelFiles> {
  const read = async (name: string) => [name, new Uint8Array(await readFile(join(folder, name)))] as const;
  return Object.fromEntries(await Promise.all(names.map(read)));
}

const files = await inMemory("config.json", "model.safetensors", "tokenizer.json");
const asked: string[] = [];
const vlm = await loadVlmFromBytes("small", files, (tower) => (asked.push(tower), loadClip(tower)));
const library = await loadVlm(folder);
afterAll(async () => {
  await vlm.dispose();
  await library.dispose();
});

const base = await jobContext();
const open = { clip: vlm.parts.tower, vlm, digest: "0".repeat(64) };
const context: JobContext = { ...base, models: { ...base.models, open: () => Promise.resolve(open) }, kept: new Map() };

const scene = sampleScene(new Random(1));
const { imageSize } = TOWER.architecture.vision;
const PATCHES = 16;
const prompt = library.prompt(await library.see(library.preprocess([renderScene(scene, imageSize)])), "what");
const common = { model: "small", picture: { scene }, question: "what" };
const saying = { maxTokens: 6 };

test("a model of bytes asks for the tower that its configuration names", () => {
  expect(asked).toEqual([join(folder, "tower")]);
  expect(prompt.imageTokens).toBe(PATCHES + 1);
});

describe("the jobs say what the library says", () => {
  test("a caption, with the picture as the model sees it", async () => {
    const found = await JOBS.caption.run(context, JOBS.caption.params.parse({ ...common, ...saying }), CALM);
    const said = await say(library, prompt, saying);
    expect({ text: found.text, tokens: found.tokens, ended: found.ended }).toEqual(said);
    expect(found.tokens).toHaveLength(6);
    expect([found.grid, found.seen.width, found.seen.height]).toEqual([4, imageSize, imageSize]);
  });

  test("beliefs, by patch, and words that the model has no token for", async () => {
    const words = ["t", "zebra", "x"];
    const found = await JOBS.beliefs.run(context, JOBS.beliefs.params.parse({ ...common, words }), CALM);
    const wanted = await beliefs(library, prompt, ["t", "x"]);
    expect(found.map(({ word, known }) => [word, known])).toEqual([
      ["t", true],
      ["zebra", false],
      ["x", true],
    ]);
    for (const [i, belief] of wanted.entries()) {
      const own = found[2 * i]!;
      if (!own.known) throw new Error("known words have beliefs");
      expect([own.confidence, own.layer]).toEqual([belief.confidence, belief.layer]);
      expect(own.map.data).toEqual(belief.map.data.slice(1));
      expect(own.place).toBe(belief.place === 0 ? null : belief.place - 1);
    }
  });

  test.each([true, false])("a caption with words erased, joint: %s", async (joint) => {
    const settings = { layer: 1, textLayer: 2, alpha: 3 };
    const words = ["t", "x"];
    const params = JOBS["caption-erased"].params.parse({ ...common, ...saying, ...settings, words, joint });
    const found = await JOBS["caption-erased"].run(context, params, CALM);
    const projection = joint ? "joint" : "sequential";
    const said = await sayWithout(library, prompt, words, { ...settings, projection }, saying);
    expect({ text: found.text, tokens: found.tokens, ended: found.ended }).toEqual(said);
    expect(found.tokens).not.toEqual((await say(library, prompt, saying)).tokens);
  });

  test("the likeliest words of each patch, without those of the class token", async () => {
    const found = await JOBS.lens.run(context, JOBS.lens.params.parse({ ...common, k: 3 }), CALM);
    const wanted = await lensWords(library, prompt, 3);
    const own = (i: number): boolean => Math.floor(i / 3) % (PATCHES + 1) > 0;
    expect(found.likeliest.shape).toEqual([4, PATCHES, 3]);
    expect(Array.from(found.likeliest.data, (word) => found.words[word])).toEqual(
      wanted.tokens.filter((_, i) => own(i)).map(spelt),
    );
    expect(found.probabilities.data).toEqual(wanted.probabilities.data.filter((_, i) => own(i)));
  });
});

/** Bytes that are no characters by themselves stand as the vocabulary has them. */
function spelt(token: number): string {
  const text = library.parts.tokenizer.decode([token]);
  return text === "" || text.includes("\uFFFD") ? library.parts.tokenizer.tokenOf(token)! : text;
}

test("sizes are the tower's, and captions have settings of their own", async () => {
  const found = await JOBS["model-info"].run(context, { model: "small" }, CALM);
  expect(found.grid).toBe(4);
  expect(found.captions).toMatchObject({ blocks: 3, erase: { layer: 1, textLayer: 2, alpha: 3.5 } });
  expect(found.captions?.tower).toBe(join(folder, "tower"));
});

test("a model that only sees is told apart", async () => {
  const params = JOBS.caption.params.parse({ model: "clip-scenes", picture: { scene } });
  await expect(JOBS.caption.run(base, params, CALM)).rejects.toThrow(WrongFamilyError);
});

test("a progress of tokens is told, and a caption can be given up", async () => {
  const told: number[] = [];
  const control = new AbortController();
  const giveUp = {
    signal: control.signal,
    progress: ({ done }: { done: number }) => {
      told.push(done);
      if (done === 2) control.abort();
    },
  };
  const params = JOBS.caption.params.parse({ ...common, ...saying });
  await expect(JOBS.caption.run(context, params, giveUp)).rejects.toThrow("aborted");
  expect(told).toEqual([1, 2]);
});

test("of a model whose image tokens are queries, there is no grid, and numbers are by query", async () => {
  const at = join(scratchFolder(), "instructblip");
  await writeInstructBlip(at);
  await using blip = await loadVlm(at);
  const models = { ...base.models, open: () => Promise.resolve({ ...open, clip: blip.parts.tower, vlm: blip }) };
  const own: JobContext = { ...base, models, kept: new Map() };
  const found = await JOBS.caption.run(own, JOBS.caption.params.parse({ ...common, maxTokens: 3 }), CALM);
  expect(found.grid).toBeNull();
  const [belief] = await JOBS.beliefs.run(own, JOBS.beliefs.params.parse({ ...common, words: ["x"] }), CALM);
  expect(belief).toMatchObject({ known: true, map: { shape: [QUERY_COUNT] } });
  const lens = await JOBS.lens.run(own, JOBS.lens.params.parse({ ...common, k: 2 }), CALM);
  expect([lens.grid, lens.likeliest.shape.slice(1)]).toEqual([null, [QUERY_COUNT, 2]]);
});
