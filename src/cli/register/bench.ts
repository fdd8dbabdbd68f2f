/** The command `vitrine bench` and its options. */
import type { Command } from "commander";
import { wholeNumber } from "../arguments.js";
import type { BenchOptions } from "../commands/bench.js";

export function registerBench(program: Command): void {
  program
    .command("bench")
    .summary("measure speed and memory on this machine")
    .argument(
      "<what>",
      "decompose, heads, neurons, captions, idempotent, or train: a step of training, beside other frameworks where they are installed",
    )
    .option(
      "--arch <name>",
      "tiny, vit-b-32, vit-b-16, vit-l-14, vit-l-14-336, vit-h-14, vit-g-14 or vit-bigg-14",
      "vit-b-16",
    )
    .option("--batch <n>", "pictures per run of decompose, heads and neurons", wholeNumber(1, 64), 4)
    .option("--rounds <n>", "paired measurements", wholeNumber(3, 1000), 11)
    .option("--model <name>", "train: mlp, transformer or conv (default: all three)")
    .option(
      "--peers <names>",
      "train, idempotent: which of tfjs, jaxjs and torch to measure too, or none",
      "tfjs,jaxjs,torch",
    )
    .action(async (what: string, options: BenchOptions) => {
      const { runBench } = await import("../commands/bench.js");
      await runBench(what, { ...options, ...program.opts() });
    });
}
