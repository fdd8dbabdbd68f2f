/**
 * Cuts texts into the likeliest pieces, as SentencePiece does.
 *
 * @file Source: `Model::EncodeOptimized` in unigram_model.cc of SentencePiece, after Kudo 2018, "Subword Regularization": the best way to
 * each place of the text, in float32 as there.
 */
import { characterAt } from "./prefix-match.js";
import type { Cut, Cutter, Vocabulary } from "./vocabulary.js";

/** What an unknown character costs beyond the least likely piece. */
const UNKNOWN_COST = 10;
/** By how much a symbol that must not be cut stays below the best score. */
const SYMBOL_COST = 0.1;
const SMALLEST_FLOAT = 2 ** -126;

export function unigramCutter({ pieces, ids }: Vocabulary): Cutter {
  const longest = [...ids.keys()].reduce((most, piece) => Math.max(most, piece.length), 1);
  const scores = pieces.filter(({ type }) => type === "normal").map(({ score }) => score);
  const best = scores.reduce((most, score) => Math.max(most, score), SMALLEST_FLOAT);
  const unknown = Math.fround(scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_COST);
  const encoder = new TextEncoder();
  return (text) => {
    /** For each place: the score of the best way there, where its last part begins, and its piece. */
    const [reached, from] = [new Float32Array(text.length + 1), new Int32Array(text.length + 1).fill(-1)];
    const last: (number | undefined)[] = new Array<undefined>(text.length + 1);
    const step = (start: number, end: number, score: number, id: number | undefined): void => {
      const total = score + reached[start]!;
      if (from[end] !== -1 && total <= reached[end]!) return;
      [reached[end], from[end], last[end]] = [total, start, id];
    };
    for (let start = 0; start < text.length;) {
      const width = characterAt(text, start).length;
      let hasOwn = false;
      for (let end = start + width; end <= Math.min(text.length, start + longest); end++) {
        const part = text.slice(start, end);
        const id = ids.get(part);
        if (id === undefined || pieces[id]!.type === "unused") continue;
        const { type, score } = pieces[id]!;
        step(start, end, type === "user-defined" ? encoder.encode(part).length * best - SYMBOL_COST : score, id);
        hasOwn ||= end === start + width;
      }
      if (!hasOwn) step(start, start + width, unknown, undefined);
      start += width;
    }
    const out: Cut[] = [];
    for (let end = text.length; end > 0; end = from[end]!) {
      out.push({ text: text.slice(from[end], end), id: last[end] });
    }
    return out.reverse();
  };
}
