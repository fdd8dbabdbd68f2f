/** How often answers are right: on average and in the group of pictures where they are right least often. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import { type Proportion, proportion } from "../../engine/tensor/proportion.js";

export interface GroupedTruth {
  /** Of each picture, the right class. */
  readonly labels: readonly number[];
  /** Of each picture, its group; without it, all are one. */
  readonly groups?: readonly string[];
  /** How much each group counts in the average; by default as much as it has pictures. */
  readonly weights?: Readonly<Record<string, number>>;
}

export interface GroupAccuracies {
  readonly average: Estimate;
  readonly worst: Estimate;
  /** In the order in which they come, with Wilson's intervals. */
  readonly groups: readonly { readonly group: string; readonly accuracy: Proportion }[];
}

export interface ComparedAccuracies extends GroupAccuracies {
  /** Average and worst group less those of the first answers, on the same pictures. */
  readonly gain: { readonly average: Estimate; readonly worst: Estimate };
}

/**
 * Accuracies of several ways to answer about the same pictures, compared with the first. Intervals of 95% by resampling pictures. Throws
 * a RangeError for no pictures.
 */
export function groupAccuracies(
  answers: readonly (readonly number[])[],
  truth: GroupedTruth,
  options: { readonly seed: number; readonly resamples?: number },
): ComparedAccuracies[] {
  const { labels } = truth;
  if (labels.length === 0) throw new RangeError("accuracies of nothing");
  const groups: readonly string[] = truth.groups ?? labels.map(() => "all");
  const names = [...new Set(groups)];
  const places = Int32Array.from(groups, (group) => names.indexOf(group));
  const sizes = new Float64Array(names.length);
  for (const place of places) sizes[place]!++;
  const weights = names.map((name, g) => (truth.weights === undefined ? sizes[g]! : (truth.weights[name] ?? 0)));
  const hits = answers.map((own) => Uint8Array.from(own, (answer, i) => Number(answer === labels[i])));
  const statistic = (members: Int32Array): number[] => {
    const counts = new Float64Array(names.length);
    for (const member of members) counts[places[member]!]!++;
    const figures = hits.map((own) => {
      const sums = new Float64Array(names.length);
      for (const member of members) sums[places[member]!]! += own[member]!;
      return figuresOf(sums, counts, weights);
    });
    const [first] = figures as [[number, number]];
    return figures.flatMap(([average, worst]) => [average, worst, average - first[0], worst - first[1]]);
  };
  const estimates = bootstrapEstimates(labels.length, statistic, options);
  return hits.map((own, i) => {
    const [average, worst, byAverage, byWorst] = estimates.slice(4 * i) as [Estimate, Estimate, Estimate, Estimate];
    return {
      average,
      worst,
      gain: { average: byAverage, worst: byWorst },
      groups: names.map((group, g) => {
        const ofGroup = Array.from(
          own.filter((_, picture) => places[picture] === g),
          Boolean,
        );
        return { group, accuracy: proportion(ofGroup) };
      }),
    };
  });
}

/** A small group may be missing from a draw; then it counts for nothing there. */
function figuresOf(
  sums: Float64Array,
  counts: Float64Array,
  weights: readonly number[],
): [average: number, worst: number] {
  let [total, weight, worst] = [0, 0, 1];
  for (const [g, count] of counts.entries()) {
    if (count === 0) continue;
    const share = sums[g]! / count;
    total += share * weights[g]!;
    weight += weights[g]!;
    worst = Math.min(worst, share);
  }
  return [total / weight, worst];
}
