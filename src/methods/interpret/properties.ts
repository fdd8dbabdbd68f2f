/**
 * What a head is about: the property that most of its texts speak of.
 *
 * @file CLIP-InterpreT (Madasu, Gandelsman, Lal, Howard 2024, "Quantifying and Enabling the Interpretability of CLIP-like
 * Models") asks a language model to name what a head's texts share. Here the properties to choose from are given as lists of
 * words, and a text speaks of a property by rule: it holds one of the words, or it lies nearest to one in the model's own space.
 */
import { UsageError } from "../../engine/errors.js";
import type { Random } from "../../engine/tensor/random.js";
import { dot, normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { HeadPlace } from "../../models/clip/head-place.js";

export interface Property {
  /** Such as "colour". */
  readonly name: string;
  /** Words and phrases that speak of it, such as "red". */
  readonly words: readonly string[];
}

/** What a text speaks of. */
export interface Assignment {
  /** Names of properties, each once; none for a text that speaks of none of them. */
  readonly properties: readonly string[];
  /** The words that tell: those in the text, or the one nearest to it. */
  readonly words: readonly string[];
  /** How much nearer the word is than the nearest word of another property, as cosine; only where words are told by nearness. */
  readonly margin?: number;
}

/** A head and the texts that TextSpan found for it, as rows of the pool, the most telling first. */
export interface HeadPicks extends HeadPlace {
  readonly picks: readonly number[];
}

/** One of a head's texts as evidence for its label. */
export interface TextEvidence {
  readonly text: string;
  /** What it speaks of. */
  readonly properties: readonly string[];
  readonly words: readonly string[];
  /** Whether it speaks of what the head is labelled with. */
  readonly agrees: boolean;
}

export interface LabelledHead extends HeadPlace {
  /** Undefined where no text speaks of any property. */
  readonly label: string | undefined;
  /** Share of the texts that the label has, from 0 to 1; a text that speaks of n properties gives each 1/n. */
  readonly share: number;
  /** How far the share lies above that of the next property. */
  readonly margin: number;
  readonly texts: readonly TextEvidence[];
}

/** Throws `UsageError` unless there are properties with names that differ, each with words. */
function checkProperties(properties: readonly Property[]): void {
  const names = properties.map(({ name }) => name.trim());
  const again = names.find((name, i) => names.indexOf(name) < i);
  const empty = properties.find(({ name, words }) => name.trim() === "" || !words.some((word) => word.trim() !== ""));
  if (properties.length > 0 && again === undefined && empty === undefined) return;
  const found = again === undefined ? `"${empty?.name ?? ""}" without words` : `"${again}" twice`;
  throw new UsageError({
    what: "unusable properties",
    got: properties.length === 0 ? "none" : found,
    expected: "names that differ, each with at least one word",
  });
}

/**
 * Assigns texts to the properties whose words they hold, whole words of any case. Of phrases that overlap, the one that
 * begins first and is longest is meant. Throws `UsageError` for unusable properties.
 */
export function assignByWords(texts: readonly string[], properties: readonly Property[]): Assignment[] {
  checkProperties(properties);
  const meaning = new Map<string, string>();
  for (const { name, words } of properties) {
    for (const word of words) meaning.set(wordsOf(word).join(" "), name);
  }
  const longest = Math.max(...[...meaning.keys()].map((phrase) => phrase.split(" ").length));
  return texts.map((text) => {
    const tokens = wordsOf(text);
    const found: string[] = [];
    for (let at = 0; at < tokens.length;) {
      const lengths = Array.from({ length: Math.min(longest, tokens.length - at) }, (_, i) => i + 1).reverse();
      const length = lengths.find((n) => meaning.has(tokens.slice(at, at + n).join(" ")));
      if (length !== undefined) found.push(tokens.slice(at, at + length).join(" "));
      at += length ?? 1;
    }
    return { properties: [...new Set(found.map((phrase) => meaning.get(phrase)!))], words: found };
  });
}

/**
 * Assigns each text to the property of the word nearest to it: by cosine of text features [M,D] with features of the
 * properties' words, one after another, [W,D], both less their own mean, which says only that something is a text.
 * Throws `UsageError` for unusable properties, a RangeError when the features do not fit.
 */
export function assignByNearness(
  texts: FloatTensor,
  words: FloatTensor,
  properties: readonly Property[],
): Assignment[] {
  checkProperties(properties);
  const listed = properties.flatMap(({ name, words }) => words.map((word) => ({ name, word })));
  if (words.shape[0] !== listed.length || words.shape[1] !== texts.shape[1]) {
    throw new RangeError(`features [${words.shape.join(",")}] are not those of ${listed.length} words`);
  }
  const width = texts.shape[1]!;
  const [left, right] = [centredRows(texts), centredRows(words)];
  return Array.from({ length: texts.shape[0]! }, (_, text) => {
    const row = left.subarray(text * width, (text + 1) * width);
    const cosines = listed.map((_, word) => dot(row, right.subarray(word * width, (word + 1) * width)));
    const best = indexOfLargest(cosines);
    const { name, word } = listed[best]!;
    const others = cosines.filter((_, i) => listed[i]!.name !== name);
    const margin = others.length === 0 ? {} : { margin: cosines[best]! - Math.max(...others) };
    return { properties: [name], words: [word], ...margin };
  });
}

/**
 * Rows of a pool that speak of one property alone, at most so many of each property, drawn at random: without the
 * preference for a property that a pool has, and without texts that agree with everything.
 */
export function balancedRows(assignments: readonly Assignment[], most: number, random: Random): number[] {
  const rows = random.shuffled(assignments.flatMap(({ properties }, row) => (properties.length === 1 ? [row] : [])));
  const taken = new Map<string, number>();
  const kept = rows.filter((row) => {
    const [name] = assignments[row]!.properties as [string];
    const count = (taken.get(name) ?? 0) + 1;
    taken.set(name, count);
    return count <= most;
  });
  return kept.sort((a, b) => a - b);
}

/**
 * Labels heads by the first `count` of their texts. Of properties with equal shares, the one is taken that an earlier text
 * speaks of. `texts` and `assignments` are the pool's.
 */
export function labelHeads(
  heads: readonly HeadPicks[],
  texts: readonly string[],
  assignments: readonly Assignment[],
  count = 5,
): LabelledHead[] {
  return heads.map(({ layer, head, picks }) => {
    const used = picks.slice(0, count);
    const shares = new Map<string, number>();
    for (const pick of used) {
      const { properties } = assignments[pick]!;
      for (const name of properties) shares.set(name, (shares.get(name) ?? 0) + 1 / (properties.length * used.length));
    }
    // Sorting is stable, and a map keeps the order in which its keys came.
    const [first, second] = [...shares].sort((a, b) => b[1] - a[1]);
    const label = first?.[0];
    const [share, next] = [first?.[1] ?? 0, second?.[1] ?? 0];
    const evidence = used.map((pick) => ({
      text: texts[pick]!,
      properties: assignments[pick]!.properties,
      words: assignments[pick]!.words,
      agrees: label !== undefined && assignments[pick]!.properties.includes(label),
    }));
    return { layer, head, label, share, margin: share - next, texts: evidence };
  });
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
}

/** Unit rows [n,D] less their mean, of length 1 again. */
function centredRows(rows: FloatTensor): Float32Array {
  const { data, shape } = normaliseRows(rows);
  const [count, width] = shape as [number, number];
  const mean = new Float64Array(width);
  data.forEach((x, i) => (mean[i % width]! += x / count));
  // The mean of a single row is the row: nothing would be left of it.
  const centred = count < 2 ? data : data.map((x, i) => x - mean[i % width]!);
  return normaliseRows(floatTensor(centred, shape)).data;
}

function indexOfLargest(values: readonly number[]): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}
