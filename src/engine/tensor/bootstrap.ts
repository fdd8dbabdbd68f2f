/** How far figures of a set would move if the set were another draw: bootstrap intervals. */
import { Random } from "./random.js";

/** Ends of an interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A figure and where it may lie. */
export interface Estimate extends Interval {
  readonly value: number;
}

export interface BootstrapOptions {
  readonly seed: number;
  /** Default 1000. */
  readonly resamples?: number;
}

/**
 * Percentile intervals of 95% for each of the numbers that `statistic` makes of members of a set, given as indices below
 * `count`: members are drawn with replacement, `count` each time. Source: Efron, Tibshirani 1993, "An Introduction to the
 * Bootstrap", chapter 13.
 */
export function bootstrapIntervals(
  count: number,
  statistic: (members: Int32Array) => readonly number[],
  { seed, resamples = 1000 }: BootstrapOptions,
): Interval[] {
  const random = new Random(seed);
  const draws = Array.from({ length: resamples }, () =>
    statistic(Int32Array.from({ length: count }, () => random.below(count))),
  );
  return draws[0]!.map((_, i) => {
    const sorted = Float64Array.from(draws, (numbers) => numbers[i]!).sort();
    return { low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
  });
}

/** The numbers of the set as it is, each with its interval as {@link bootstrapIntervals} gives it. */
export function bootstrapEstimates(
  count: number,
  statistic: (members: Int32Array) => readonly number[],
  options: BootstrapOptions,
): Estimate[] {
  const values = statistic(Int32Array.from({ length: count }, (_, i) => i));
  const intervals = bootstrapIntervals(count, statistic, options);
  return values.map((value, i) => ({ value, ...intervals[i]! }));
}

/** Of a control that was drawn many times: the mean of its figures, and their middle 95%. */
export function spreadOfDraws(figures: readonly number[]): Estimate {
  const sorted = Float64Array.from(figures).sort();
  const value = sorted.reduce((sum, x) => sum + x, 0) / sorted.length;
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

/** Between the two nearest of sorted values, linearly. */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below]! + (at - below) * (sorted[above]! - sorted[below]!);
}
