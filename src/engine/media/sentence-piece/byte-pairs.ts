/**
 * Cuts texts by byte pairs, as SentencePiece does.
 *
 * @file Source: `Model::SampleEncode` in bpe_model.cc of SentencePiece, after Sennrich et al. 2016, "Neural Machine Translation of Rare
 * Words with Subword Units". Characters are neighbours in a list; of all neighbours that make a piece together, those of the best
 * score are joined first, and of several such the leftmost. Other libraries have an order of pairs instead, which for ties between pairs that make
 * the same piece may differ.
 */
import { Heap } from "./heap.js";
import { characterAt } from "./prefix-match.js";
import type { Cut, Cutter, Vocabulary } from "./vocabulary.js";

interface Part {
  text: string;
  before: Part | undefined;
  after: Part | undefined;
  readonly at: number;
  /** A symbol that is never joined. */
  readonly whole: boolean;
}

interface Pair {
  readonly left: Part;
  readonly right: Part;
  /** Both texts as they were: a pair one of whose parts has been joined since does not count. */
  readonly text: string;
  readonly score: number;
}

export function bytePairCutter(vocabulary: Vocabulary): Cutter {
  const { pieces, ids, symbol } = vocabulary;
  return (text) => {
    const agenda = new Heap<Pair>((a, b) => a.score > b.score || (a.score === b.score && a.left.at < b.left.at));
    /** Of pieces that are not to be used: what they were joined from. */
    const halves = new Map<string, readonly [string, string]>();
    const offer = (left: Part | undefined, right: Part | undefined): void => {
      if (left === undefined || right === undefined || left.whole || right.whole) return;
      const joined = left.text + right.text;
      const id = ids.get(joined);
      if (id === undefined) return;
      agenda.push({ left, right, text: joined, score: pieces[id]!.score });
      if (pieces[id]!.type === "unused") halves.set(joined, [left.text, right.text]);
    };
    const first = partsOf(text);
    for (let part = first; part !== undefined; part = part.after) offer(part.before, part);
    for (let best = agenda.pop(); best !== undefined; best = agenda.pop()) {
      const { left, right, text: joined } = best;
      if (left.text === "" || right.text === "" || left.text.length + right.text.length !== joined.length) continue;
      left.text = joined;
      left.after = right.after;
      if (right.after !== undefined) right.after.before = left;
      right.text = "";
      offer(left.before, left);
      offer(left, left.after);
    }
    const out: Cut[] = [];
    const emit = (part: string): void => {
      const id = ids.get(part);
      const parts = id !== undefined && pieces[id]!.type === "unused" ? halves.get(part) : undefined;
      if (parts === undefined) out.push({ text: part, id });
      else parts.forEach(emit);
    };
    for (let part = first; part !== undefined; part = part.after) emit(part.text);
    return out;
  };

  function partsOf(text: string): Part | undefined {
    let [first, last]: (Part | undefined)[] = [];
    for (let at = 0; at < text.length;) {
      const found = symbol(text, at);
      const part: Part = {
        text: found ?? characterAt(text, at),
        before: last,
        after: undefined,
        at,
        whole: found !== undefined,
      };
      if (last === undefined) first = part;
      else last.after = part;
      last = part;
      at += part.text.length;
    }
    return first;
  }
}
