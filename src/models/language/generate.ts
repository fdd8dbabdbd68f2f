/** Text from a language model: the likeliest token at each step, or one drawn by its probability. */
import { UsageError } from "../../engine/errors.js";
import { Random } from "../../engine/tensor/random.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { KeyValueCache } from "./key-value-cache.js";
import type { LanguageModel } from "./language-model.js";
import { logProbabilities, penalised } from "./token-scores.js";

/** Where a prompt has been read to: what comes next, and the cache. */
export interface Started {
  /** [B,V] */
  readonly logits: FloatTensor;
  readonly cache: KeyValueCache;
}

export interface GenerateOptions {
  /** Tokens at most; the room that the cache was made with must hold them. */
  readonly maxTokens: number;
  /** 0 (the default) takes the likeliest token; higher values even probabilities out. */
  readonly temperature?: number;
  /** Draws from the likeliest tokens that together have this probability; default 1, all. */
  readonly topP?: number;
  readonly seed?: number;
  /** Above 1, tokens that are there already get less likely (Keskar et al. 2019). */
  readonly repetitionPenalty?: number;
  readonly signal?: AbortSignal;
  /** Hears of each token as it comes. */
  readonly onToken?: (token: number) => void;
}

export interface Generated {
  /** Without the token that ended it. */
  readonly tokens: readonly number[];
  /** Of each token, by the model alone: before penalties and temperature. */
  readonly logProbabilities: readonly number[];
  /** Whether it came to an end by itself. */
  readonly ended: boolean;
}

/** Goes on from a prompt of one sequence. Throws `UsageError` for unusable options, and the signal's reason. */
export async function generate(
  model: LanguageModel,
  { logits: first, cache }: Started,
  { maxTokens, temperature = 0, topP = 1, seed = 0, repetitionPenalty = 1, signal, onToken }: GenerateOptions,
): Promise<Generated> {
  checkRange("temperature", temperature, 0, 100);
  checkRange("top-p", topP, Number.MIN_VALUE, 1);
  checkRange("repetition penalty", repetitionPenalty, 0.01, 100);
  const random = new Random(seed);
  const tokens: number[] = [];
  const chances: number[] = [];
  let logits = first.data;
  while (tokens.length < maxTokens) {
    signal?.throwIfAborted();
    const scores = penalised(logits, tokens, repetitionPenalty);
    const token = temperature === 0 ? largest(scores) : drawn(scores, temperature, topP, random);
    if (model.config.endTokens.includes(token)) return { tokens, logProbabilities: chances, ended: true };
    tokens.push(token);
    chances.push(logProbabilities(logits)[token]!);
    onToken?.(token);
    if (tokens.length < maxTokens) logits = (await model.step([token], cache)).data;
  }
  return { tokens, logProbabilities: chances, ended: false };
}

function largest(scores: Float32Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}

function drawn(scores: Float32Array, temperature: number, topP: number, random: Random): number {
  const chances = logProbabilities(scores.map((score) => score / temperature)).map(Math.exp);
  const order = Array.from(chances.keys()).sort((a, b) => chances[b]! - chances[a]!);
  let kept = 0;
  let mass = 0;
  while (kept < order.length && mass < topP) mass += chances[order[kept++]!]!;
  let left = random.uniform() * mass;
  for (const token of order.slice(0, kept)) {
    left -= chances[token]!;
    if (left < 0) return token;
  }
  return order[kept - 1]!;
}

function checkRange(name: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new UsageError({ what: `unusable ${name}`, got: String(value), expected: `a number from ${low} to ${high}` });
}
