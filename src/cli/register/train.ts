/** The command `vitrine train` and its options. */
import type { Command } from "commander";
import { wholeNumber } from "../arguments.js";
import type { TrainCommandOptions } from "../commands/train.js";

export function registerTrain(program: Command): void {
  program
    .command("train")
    .summary("rebuild a model of the zoo from its recipe; a run that was ended goes on")
    .argument("<recipe>", "clip-scenes, ign-faces, ign-glyphs or vlm-scenes")
    .option("-o, --out <dir>", "folder of checkpoints, log and result (default: vitrine-out/train/RECIPE)")
    .option("--steps <n>", "updates, instead of the recipe's own number", wholeNumber(2, 10_000_000))
    .option(
      "--data <path>",
      "ign-…: your own pictures, a folder or IDX files, in place of the world that it is made for",
    )
    .option("--seed <n>", "seed of weights, data and order", wholeNumber(0, 2 ** 32 - 1))
    .action(async (recipe: string, options: TrainCommandOptions) => {
      const { runTrain } = await import("../commands/train.js");
      await runTrain(recipe, { ...options, ...program.opts() });
    });
}
