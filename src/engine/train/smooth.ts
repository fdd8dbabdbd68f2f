/**
 * A moving average: two passes over windows of a fiftieth of the values each, cut off at the ends. Time is linear in the
 * number of values.
 */
export function smoothed(values: readonly number[]): number[] {
  const radius = Math.round(values.length / 100);
  return boxed(boxed(values, radius), radius);
}

function boxed(values: readonly number[], radius: number): number[] {
  const sums = new Float64Array(values.length + 1);
  for (const [i, value] of values.entries()) sums[i + 1] = sums[i]! + value;
  return values.map((_, i) => {
    const [from, to] = [Math.max(0, i - radius), Math.min(values.length, i + radius + 1)];
    return (sums[to]! - sums[from]!) / (to - from);
  });
}
