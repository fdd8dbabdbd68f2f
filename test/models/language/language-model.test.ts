import { describe, expect, test } from "vitest";
import { add, mul } from "../../../src/engine/graph/ops/arithmetic.js";
import type { Value } from "../../../src/engine/graph/value.js";
import { languageLogits } from "../../../src/models/language/graph.js";
import { type LanguageModel, tokensPrompt } from "../../../src/models/language/language-model.js";
import { languageConfigOf, SMALL_LANGUAGES, smallLanguage } from "../../support/languages.js";
import { naiveLanguage, type NaiveStates } from "../../support/naive-language.js";
import type { Matrix, NaiveWeights } from "../../support/naive-clip.js";

const IDS = [3, 7, 1, 12, 5, 5, 9];

function embedded(weights: NaiveWeights, ids: readonly number[]): Matrix {
  const { data, shape } = weights.get("model.embed_tokens.weight");
  return ids.map((id) => Array.from({ length: shape[1]! }, (_, i) => data[id * shape[1]! + i]!));
}

function furthest(got: Float32Array, wanted: readonly number[]): number {
  expect(got.length).toBe(wanted.length);
  return wanted.reduce((worst, value, i) => Math.max(worst, Math.abs(value - got[i]!)), 0);
}

const logitsOf = (model: LanguageModel, ids: readonly number[]) =>
  model.run("logits", tokensPrompt([ids]), ({ hidden, weights }) => ({ logits: languageLogits(hidden, weights) }));

describe.each(Object.entries(SMALL_LANGUAGES))("%s", (_name, small) => {
  const config = languageConfigOf(small);
  const naive = (weights: NaiveWeights, ids: readonly number[]): NaiveStates =>
    naiveLanguage(embedded(weights, ids), weights, { ...config, theta: config.rotary.theta });

  test("a prompt gives the logits and the streams that the published formulas give", async () => {
    const { model: loaded, weights } = smallLanguage(small);
    await using model = loaded;
    const wanted = naive(weights, IDS);
    const { logits } = await logitsOf(model, IDS);
    expect(furthest(logits.data, wanted.logits.flat())).toBeLessThan(1e-4);
    const found = await model.run("streams", tokensPrompt([IDS]), (graph) =>
      Object.fromEntries(graph.sites("lm.blocks.*.resid_post").map((value, i) => [`s${i}`, value])),
    );
    for (let i = 0; i < small.layers; i++) {
      expect(furthest(found[`s${i}`]!.data, wanted.streams[i + 1]!.flat()), `block ${i}`).toBeLessThan(1e-4);
    }
  });

  test("token by token over the cache gives what the whole prompt gives", async () => {
    const { model: loaded, weights } = smallLanguage(small);
    await using model = loaded;
    const wanted = naive(weights, IDS).logits;
    const { logits, cache } = await model.start(tokensPrompt([IDS.slice(0, 3)]), { places: 16, sequences: 2 });
    expect(furthest(logits.data, wanted[2]!)).toBeLessThan(1e-4);
    for (let place = 3; place < IDS.length; place++) {
      const { data } = await model.step([IDS[place]!, 0], cache);
      expect(furthest(data.subarray(0, small.vocabulary), wanted[place]!), `token ${place}`).toBeLessThan(1e-4);
    }
    expect(cache.length).toBe(IDS.length);
  });

  test("sequences change places in the cache", async () => {
    const { model: loaded, weights } = smallLanguage(small);
    await using model = loaded;
    const { cache } = await model.start(tokensPrompt([[3]]), { places: 4, sequences: 2 });
    await model.step([7, 2], cache);
    cache.reorder([1, 1]);
    const { data } = await model.step([4, 5], cache);
    const wanted = [4, 5].flatMap((last) => naive(weights, [3, 2, last]).logits[2]!);
    expect(furthest(data, wanted)).toBeLessThan(1e-4);
  });

  test("reading and editing to equal values change no bit; an edit reaches what comes after it", async () => {
    await using model = smallLanguage(small).model;
    const plain = (await model.start(tokensPrompt([IDS]), { places: 8 })).logits.data;
    const { logits } = await logitsOf(model, IDS);
    expect(logits.data.subarray(-plain.length)).toEqual(plain);
    const names = model.siteNames(IDS.length);
    expect(names).toContain("lm.blocks.1.attn.pattern");
    const same = names.map((name) => [name, (value: Value) => add(value, 0)] as const);
    const edited = await model.start(tokensPrompt([IDS]), { places: 8, edits: same, editsKey: "same" });
    expect(edited.logits.data).toEqual(plain);
    const doubled = await model.start(tokensPrompt([IDS]), {
      places: 8,
      edits: [["lm.blocks.0.resid_post", (value) => mul(value, 2)]],
      editsKey: "doubled",
    });
    expect(furthest(doubled.logits.data, [...plain])).toBeGreaterThan(1e-3);
  });
});
