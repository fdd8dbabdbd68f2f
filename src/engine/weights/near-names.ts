/** Names beyond this many are not compared: a message is not worth more time. */
const MAX_COMPARED = 20_000;
const MAX_LENGTH = 200;

/** The `count` names closest to `name` by edit distance, closest first. */
export function nearNames(name: string, names: readonly string[], count: number): string[] {
  const wanted = name.slice(0, MAX_LENGTH);
  return names
    .slice(0, MAX_COMPARED)
    .map((candidate) => ({ candidate, distance: editDistance(wanted, candidate.slice(0, MAX_LENGTH)) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance, one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
