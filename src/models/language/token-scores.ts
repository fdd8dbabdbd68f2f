/** Logits of the vocabulary to what is chosen by. */

type Scores = Float32Array | Float64Array;

/** Logarithm of the softmax, in float64. */
export function logProbabilities(logits: Scores): Float64Array {
  let top = -Infinity;
  for (const logit of logits) top = Math.max(top, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - top);
  const shift = top + Math.log(sum);
  return Float64Array.from(logits, (logit) => logit - shift);
}

/** Scores with those of tokens that are there already divided (multiplied, where negative) by `penalty`. */
export function penalised<S extends Scores>(scores: S, tokens: readonly number[], penalty: number): S {
  if (penalty === 1) return scores;
  const changed = scores.slice() as S;
  for (const token of new Set(tokens)) {
    const score = changed[token]!;
    changed[token] = score < 0 ? score * penalty : score / penalty;
  }
  return changed;
}
