/**
 * Beam search: goes on with the likeliest few beginnings at once.
 *
 * @file As in Hugging Face's Transformers with `early_stopping` false: a text's score is its log probability over its length to the power
 * of `lengthPenalty`, and the search ends when no beginning can beat the texts that are there.
 */
import { UsageError } from "../../engine/errors.js";
import type { Generated, GenerateOptions, Started } from "./generate.js";
import type { LanguageModel } from "./language-model.js";
import { logProbabilities, penalised } from "./token-scores.js";

export interface BeamOptions extends Pick<GenerateOptions, "maxTokens" | "repetitionPenalty" | "signal"> {
  /** Beginnings to go on with. */
  readonly beams: number;
  /** Above 0 favours long texts; default 1. */
  readonly lengthPenalty?: number;
}

interface Beam {
  readonly tokens: readonly number[];
  readonly chances: readonly number[];
  /** Log probability of all tokens. */
  readonly total: number;
}

interface Finished extends Beam {
  readonly score: number;
  readonly ended: boolean;
}

/** Goes on from a prompt whose cache has `beams` sequences. Throws `UsageError`, and the signal's reason. */
export async function beamSearch(
  model: LanguageModel,
  { logits: first, cache }: Started,
  { beams: width, maxTokens, lengthPenalty = 1, repetitionPenalty = 1, signal }: BeamOptions,
): Promise<Generated> {
  if (cache.batch !== width) {
    throw new UsageError({
      what: "unusable number of beams",
      got: String(width),
      expected: `${cache.batch}, as the cache has`,
    });
  }
  const { endTokens } = model.config;
  const vocabulary = first.data.length / first.shape[0]!;
  const finished: Finished[] = [];
  let beams: Beam[] = [{ tokens: [], chances: [], total: 0 }];
  let logits = [first.data.subarray(0, vocabulary)];
  const finish = (beam: Beam, ended: boolean): void => {
    finished.push({ ...beam, ended, score: beam.total / (beam.tokens.length + Number(ended)) ** lengthPenalty });
    finished.sort((a, b) => b.score - a.score);
    finished.splice(width);
  };
  for (let length = 1; length <= maxTokens; length++) {
    signal?.throwIfAborted();
    const candidates = best(beams, logits, 2 * width, repetitionPenalty);
    const next: Candidate[] = [];
    for (const [rank, candidate] of candidates.entries()) {
      if (!endTokens.includes(candidate.token)) next.push(candidate);
      // As many as there are beams may end in a step: those ranked lower would not have been gone on with.
      else if (rank < width) finish({ ...beams[candidate.from]!, total: candidate.total }, true);
      if (next.length === width) break;
    }
    beams = next.map(({ from, token, chance, total }) => ({
      tokens: [...beams[from]!.tokens, token],
      chances: [...beams[from]!.chances, chance],
      total,
    }));
    if (beams.length === 0) break;
    const hope = beams[0]!.total / length ** lengthPenalty;
    if (length === maxTokens || (finished.length === width && finished.at(-1)!.score >= hope)) break;
    // Sequences that no beam uses repeat the first.
    const used = (i: number): Candidate => next[i] ?? next[0]!;
    cache.reorder(Array.from({ length: width }, (_, i) => used(i).from));
    const { data } = await model.step(
      Array.from({ length: width }, (_, i) => used(i).token),
      cache,
    );
    logits = beams.map((_, i) => data.subarray(i * vocabulary, (i + 1) * vocabulary));
  }
  for (const beam of beams) finish(beam, false);
  const { tokens, chances, ended } = finished[0]!;
  return { tokens, logProbabilities: chances, ended };
}

interface Candidate {
  readonly from: number;
  readonly token: number;
  /** Log probability of the token by the model alone. */
  readonly chance: number;
  readonly total: number;
}

/** The likeliest continuations of all beams by one token. */
function best(beams: readonly Beam[], logits: readonly Float32Array[], count: number, penalty: number): Candidate[] {
  const kept: Candidate[] = [];
  for (const [from, { tokens, total }] of beams.entries()) {
    const chances = logProbabilities(logits[from]!);
    // Of log probabilities, not of logits, and not brought back to a sum of 1: as Transformers does in beam search.
    const scores = penalised(chances, tokens, penalty);
    for (let token = 0; token < scores.length; token++) {
      const candidate = total + scores[token]!;
      if (kept.length === count && candidate <= kept.at(-1)!.total) continue;
      const place = kept.findIndex((other) => other.total < candidate);
      kept.splice(place < 0 ? kept.length : place, 0, { from, token, chance: chances[token]!, total: candidate });
      if (kept.length > count) kept.pop();
    }
  }
  return kept;
}
