/** Fixed statistics for the batch norms of a generator, so that what becomes of a picture depends on that picture alone. */
import type { ChannelStatistics } from "../../engine/graph/ops/channel-norm.js";
import { constant } from "../../engine/graph/ops/leaves.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Statistics } from "./network.js";

/** Of one batch norm: mean and (biased) variance of each channel [C]. */
export interface LayerStatistics {
  readonly mean: FloatTensor;
  readonly variance: FloatTensor;
}

/** Of all batch norms, by their path. */
export type Bank = ReadonlyMap<string, LayerStatistics>;

/** Batch norms that use `bank`, as part of the program. */
export function bankStatistics(bank: Bank): Statistics {
  return (path): ChannelStatistics => {
    const { mean, variance } = bank.get(path)!;
    return { mean: constant(mean), variance: constant(variance) };
  };
}

/**
 * The statistics of several populations taken together, each of the same weight: the mean of the means, and the mean of the variances plus the
 * variance of the means.
 */
export function pooledBank(banks: readonly Bank[]): Bank {
  const paths = [...banks[0]!.keys()];
  return new Map(
    paths.map((path) => {
      const parts = banks.map((bank) => bank.get(path)!);
      const count = parts[0]!.mean.data.length;
      const [mean, variance] = [new Float32Array(count), new Float32Array(count)];
      for (let c = 0; c < count; c++) {
        const average = parts.reduce((sum, part) => sum + part.mean.data[c]!, 0) / parts.length;
        mean[c] = average;
        const spread = (part: LayerStatistics): number => part.variance.data[c]! + (part.mean.data[c]! - average) ** 2;
        variance[c] = parts.reduce((sum, part) => sum + spread(part), 0) / parts.length;
      }
      return [path, { mean: floatTensor(mean, [count]), variance: floatTensor(variance, [count]) }];
    }),
  );
}
