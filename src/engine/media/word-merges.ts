/**
 * Byte-pair merges that make every word of a list one token.
 *
 * Source: Sennrich et al. 2016, "Neural Machine Translation of Rare Words with Subword Units", algorithm 1.
 */

const END_OF_WORD = "</w>";

/**
 * Merges for {@link byteTokenizerJson}, best first: the most frequent pair of neighbours is merged (ties by code points) until
 * each word, which must be letters a to z, is one symbol. A text's other words fall into pieces of these, down to letters.
 */
export function wordMerges(words: readonly string[]): [string, string][] {
  const merges: [string, string][] = [];
  let symbols = [...new Set(words)].map((word) => {
    const letters = word.split("");
    return [...letters.slice(0, -1), letters.at(-1)! + END_OF_WORD];
  });
  for (let best = mostFrequentPair(symbols); best !== undefined; best = mostFrequentPair(symbols)) {
    const [left, right] = best;
    merges.push(best);
    symbols = symbols.map((word) => joined(word, left, right));
  }
  return merges;
}

function mostFrequentPair(words: readonly (readonly string[])[]): [string, string] | undefined {
  const counts = new Map<string, number>();
  for (const word of words) {
    for (let i = 1; i < word.length; i++) {
      const pair = `${word[i - 1]!} ${word[i]!}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  }
  const [best] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return best?.[0].split(" ") as [string, string] | undefined;
}

function joined(word: readonly string[], left: string, right: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < word.length; i++) {
    const isPair = word[i] === left && word[i + 1] === right;
    out.push(isPair ? left + right : word[i]!);
    if (isPair) i++;
  }
  return out;
}
