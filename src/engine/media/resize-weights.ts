import { FILTER_KERNELS, type ResizeFilter } from "./resize-filters.js";

/** For each output position: the first source position, how many follow, and their weights (`taps` apart, sum 1). */
export interface AxisWeights<Weights = Float64Array> {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Weights;
  readonly taps: number;
}

/** Which of `from` source pixels each of `to` output pixels is made of, along one axis, as Pillow chooses and weighs them. */
export function axisWeights(from: number, to: number, filter: ResizeFilter): AxisWeights {
  const kernel = FILTER_KERNELS[filter];
  const scale = from / to;
  // Enlarging keeps the filter's width; reducing stretches it over the pixels that merge: antialiasing.
  const stretch = Math.max(1, scale);
  const support = kernel.support * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Float64Array(to * taps);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const low = Math.max(0, Math.trunc(centre - support + 0.5));
    const n = Math.min(from, Math.trunc(centre + support + 0.5)) - low;
    const own = weights.subarray(i * taps, i * taps + n);
    let sum = 0;
    for (let k = 0; k < n; k++) sum += own[k] = kernel.weight((k + low - centre + 0.5) * (1 / stretch));
    for (let k = 0; sum !== 0 && k < n; k++) own[k]! /= sum;
    first[i] = low;
    count[i] = n;
  }
  return { first, count, weights, taps };
}
