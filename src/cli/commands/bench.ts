/** `vitrine bench`: speed and memory, as ratios measured in one run. */
import { UsageError } from "../../engine/errors.js";
import { benchCaptions, captionsSummary } from "../bench/captions.js";
import { benchDecompose, type DecomposeBenchOptions, decomposeSummary } from "../bench/decompose.js";
import { benchHeads, type HeadsBenchOptions, headsSummary } from "../bench/heads.js";
import { benchIdempotent, idempotentSummary } from "../bench/idempotent.js";
import { benchNeurons, type NeuronsBenchOptions, neuronsSummary } from "../bench/neurons.js";
import { benchTrain, type TrainBenchOptions } from "../bench/train.js";
import { trainSummary } from "../bench/train-summary.js";
import type { GlobalOptions } from "../fail.js";

export type BenchOptions = GlobalOptions &
  DecomposeBenchOptions &
  HeadsBenchOptions &
  NeuronsBenchOptions &
  TrainBenchOptions;

/** Throws {@link UsageError} for a name that is no bench. */
export async function runBench(what: string, options: BenchOptions): Promise<void> {
  const [result, text] = await bench(what, options);
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : text);
}

async function bench(what: string, options: BenchOptions): Promise<[result: unknown, text: string]> {
  switch (what) {
    case "decompose": {
      const result = await benchDecompose(options);
      return [result, decomposeSummary(result)];
    }
    case "captions": {
      const result = await benchCaptions(options);
      return [result, captionsSummary(result)];
    }
    case "heads": {
      const result = await benchHeads(options);
      return [result, headsSummary(result)];
    }
    case "idempotent": {
      const result = await benchIdempotent(options);
      return [result, idempotentSummary(result)];
    }
    case "neurons": {
      const result = await benchNeurons(options);
      return [result, neuronsSummary(result)];
    }
    case "train": {
      const result = await benchTrain(options);
      return [result, trainSummary(result)];
    }
    default:
      throw new UsageError({
        what: "nothing to measure under this name",
        got: what,
        expected: "captions, decompose, heads, idempotent, neurons, train",
      });
  }
}
