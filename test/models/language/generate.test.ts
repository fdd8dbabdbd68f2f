import { describe, expect, test } from "vitest";
import { beamSearch } from "../../../src/models/language/beam-search.js";
import { generate } from "../../../src/models/language/generate.js";
import { type LanguageModel, tokensPrompt } from "../../../src/models/language/language-model.js";
import { logProbabilities } from "../../../src/models/language/token-scores.js";
import { SMALL_LANGUAGES, smallLanguage } from "../../support/languages.js";

const SMALL = { ...SMALL_LANGUAGES["as many heads of keys"]!, vocabulary: 5 };
const PROMPT = [2, 4];
const LENGTH = 3;
const END = 1;

const model = (seed: number): LanguageModel => smallLanguage(SMALL, seed).model;
const started = (of: LanguageModel, sequences = 1) =>
  of.start(tokensPrompt([PROMPT]), { places: PROMPT.length + LENGTH, sequences });

/** The log probabilities of what follows `ids`, from the whole sequence anew. */
async function following(of: LanguageModel, ids: readonly number[]): Promise<Float64Array> {
  const { logits } = await of.start(tokensPrompt([ids]), { places: ids.length });
  return logProbabilities(logits.data);
}

/** Every text of up to {@link LENGTH} tokens: its tokens and its log probability over its length, the end counted. */
async function everyText(of: LanguageModel): Promise<{ tokens: number[]; score: number }[]> {
  const texts: { tokens: number[]; score: number }[] = [];
  const visit = async (tokens: number[], total: number): Promise<void> => {
    const chances = await following(of, [...PROMPT, ...tokens]);
    for (const [token, chance] of chances.entries()) {
      const sum = total + chance;
      if (token === END) texts.push({ tokens, score: sum / (tokens.length + 1) });
      else if (tokens.length + 1 === LENGTH) texts.push({ tokens: [...tokens, token], score: sum / LENGTH });
      else await visit([...tokens, token], sum);
    }
  };
  await visit([], 0);
  return texts;
}

describe("one sequence", () => {
  test("the likeliest token at each step, with its probability", async () => {
    await using of = model(8);
    const heard: number[] = [];
    const options = { maxTokens: LENGTH, onToken: (token: number) => heard.push(token) };
    const { tokens, logProbabilities: chances, ended } = await generate(of, await started(of), options);
    expect(heard).toEqual(tokens);
    const so = [...PROMPT];
    for (const [i, token] of tokens.entries()) {
      const wanted = await following(of, so);
      expect(wanted[token]).toBe(Math.max(...wanted));
      expect(chances[i]!).toBeCloseTo(wanted[token]!, 4);
      so.push(token);
    }
    if (ended) expect((await following(of, so))[END]).toBe(Math.max(...(await following(of, so))));
    else expect(tokens.length).toBe(LENGTH);
  });

  test("draws follow the probabilities of the likeliest tokens", async () => {
    await using of = model(8);
    const first = await following(of, PROMPT);
    const order = [...first.keys()].sort((a, b) => first[b]! - first[a]!);
    const counts = new Array<number>(SMALL.vocabulary).fill(0);
    const draws = 300;
    for (let seed = 0; seed < draws; seed++) {
      const topP = Math.exp(first[order[0]!]!) + 1e-6;
      const { tokens } = await generate(of, await started(of), { maxTokens: 1, temperature: 1, topP, seed });
      counts[tokens[0] ?? END]! += 1;
    }
    const [a, b] = [order[0]!, order[1]!].map((token) => Math.exp(first[token]!)) as [number, number];
    expect(counts[order[0]!]! + counts[order[1]!]!).toBe(draws);
    const share = a / (a + b);
    expect(Math.abs(counts[order[0]!]! - draws * share)).toBeLessThan(4 * Math.sqrt(draws * share * (1 - share)));
  });

  test("one seed, one text; a strong penalty never says a thing twice", async () => {
    await using of = model(8);
    const draw = async (seed: number) =>
      (await generate(of, await started(of), { maxTokens: LENGTH, temperature: 2, seed })).tokens;
    expect(await draw(4)).toEqual(await draw(4));
    const texts = await Promise.all([1, 2, 3, 4, 5, 6].map(draw));
    expect(new Set(texts.map((tokens) => tokens.join())).size).toBeGreaterThan(1);
    const { tokens } = await generate(of, await started(of), { maxTokens: LENGTH, repetitionPenalty: 100 });
    expect(new Set(tokens).size).toBe(tokens.length);
  });

  test("unusable options are refused, and a signal stops it", async () => {
    await using of = model(8);
    const start = await started(of);
    await expect(generate(of, start, { maxTokens: 1, topP: 0 })).rejects.toThrow(/top-p/);
    await expect(generate(of, start, { maxTokens: 1, temperature: NaN })).rejects.toThrow(/temperature/);
    await expect(generate(of, start, { maxTokens: 1, signal: AbortSignal.abort() })).rejects.toThrow(/abort/);
    await expect(beamSearch(of, start, { maxTokens: 1, beams: 2 })).rejects.toThrow(/beams/);
  });
});

describe("beam search", () => {
  test.each([8, 9, 10])("with beams enough, finds the best of all texts (seed %i)", async (seed) => {
    await using of = model(seed);
    const texts = (await everyText(of)).sort((a, b) => b.score - a.score);
    const beams = SMALL.vocabulary ** (LENGTH - 1);
    const { tokens } = await beamSearch(of, await started(of, beams), { beams, maxTokens: LENGTH });
    expect(tokens).toEqual(texts[0]!.tokens);
  });

  test("scores are those of the text", async () => {
    await using of = model(9);
    const { tokens, logProbabilities: chances } = await beamSearch(of, await started(of, 3), {
      beams: 3,
      maxTokens: 3,
    });
    for (const [i, token] of tokens.entries()) {
      expect(chances[i]!).toBeCloseTo((await following(of, [...PROMPT, ...tokens.slice(0, i)]))[token]!, 4);
    }
  });
});
