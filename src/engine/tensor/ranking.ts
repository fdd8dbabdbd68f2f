/** How well scores rank what is so above what is not. */

/**
 * Area under the ROC curve: the chance that one that is so has a higher score than one that is not, ties counting half. NaN unless there
 * are both. Source: Mann, Whitney 1947.
 */
export function areaUnderCurve(scores: ArrayLike<number>, labels: readonly boolean[]): number {
  const order = labels.map((_, i) => i).sort((a, b) => scores[a]! - scores[b]!);
  const positives = labels.filter(Boolean).length;
  let ranks = 0;
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    // Ranks from 1; equal scores share the mean of theirs.
    for (const i of order.slice(start, end)) if (labels[i]) ranks += (start + 1 + end) / 2;
    start = end;
  }
  return (ranks - (positives * (positives + 1)) / 2) / (positives * (labels.length - positives));
}
