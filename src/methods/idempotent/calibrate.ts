/** Calibration: the statistics that batch norms find in a kind of input, once and for all. */
import { input } from "../../engine/graph/ops/leaves.js";
import type { ChannelStatistics } from "../../engine/graph/ops/channel-norm.js";
import type { Value } from "../../engine/graph/value.js";
import { compile } from "../../engine/runtime/compile.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { normedLayers } from "../../models/idempotent/architecture.js";
import { type Bank, pooledBank } from "../../models/idempotent/banks.js";
import type { GeneratorParts } from "../../models/idempotent/generator.js";
import { batchStatistics, idempotentNetwork } from "../../models/idempotent/network.js";

/**
 * Runs f in training mode over batches [B,C,S,S], all of one size, and pools what each batch norm saw. Also returns f's results, batch by batch: the
 * generated pictures, when the batches are noise.
 */
export async function calibrate(
  { architecture, weight, inputs }: Pick<GeneratorParts, "architecture" | "weight" | "inputs">,
  batches: readonly FloatTensor[],
): Promise<{ readonly bank: Bank; readonly results: readonly FloatTensor[] }> {
  const seen = new Map<string, ChannelStatistics>();
  const image = idempotentNetwork(input("pixels", batches[0]!.shape), {
    architecture,
    weight,
    statistics: (path, x) => {
      const statistics = batchStatistics(path, x);
      seen.set(path, statistics);
      return statistics;
    },
  });
  const outputs: Record<string, Value> = { image };
  for (const [path, { mean, variance }] of seen) {
    outputs[`mean:${path}`] = mean;
    outputs[`variance:${path}`] = variance;
  }
  await using program = await compile(outputs);
  const banks: Bank[] = [];
  const results: FloatTensor[] = [];
  for (const pixels of batches) {
    const found = (await program.run({ ...inputs?.(), pixels })) as Record<string, FloatTensor>;
    const layer = (kind: string, path: string): FloatTensor =>
      floatTensor(found[`${kind}:${path}`]!.data, [found[`${kind}:${path}`]!.data.length]);
    const paths = normedLayers(architecture).map(({ path }) => path);
    banks.push(new Map(paths.map((path) => [path, { mean: layer("mean", path), variance: layer("variance", path) }])));
    results.push(found["image"]!);
  }
  return { bank: pooledBank(banks), results };
}
