/** The command `vitrine sample` and its options. */
import { type Command, InvalidArgumentError } from "commander";
import { collect, wholeNumber } from "../arguments.js";
import type { SampleOptions } from "../commands/sample.js";

export function registerSample(program: Command): void {
  program
    .command("sample")
    .summary("pictures out of noise, in one step, by an idempotent generator")
    .option("-m, --model <ref>", "zoo name or folder", "ign-glyphs")
    .option("-n, --count <n>", "samples; steps of each walk with --between", wholeNumber(1, 4096), 64)
    .option("--steps <n>", "how often f is applied: 1 samples, more refine", wholeNumber(1, 100), 1)
    .option("--seed <n>", "of the noise; sample k of a seed is always the same", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--between <a,b>", "walk from sample a to sample b; repeat for several walks", collectNumbers(2))
    .option("--arithmetic <a,b,c>", "samples a, b, c and a - b + c; repeat for several", collectNumbers(3))
    .option("--norm <mode>", "statistics of batch norms: one of the model's banks, or batch")
    .option("--columns <n>", "pictures in a row of the page", wholeNumber(1, 256))
    .option("-o, --out <file>", "a page of pictures (.png) or tensors (.safetensors); repeat for both", collect)
    .option("--force", "overwrite files that are there")
    .addHelpText(
      "after",
      "\nExample:\n  vitrine sample -n 64 --out samples.png\n  vitrine sample --between 3,17 -n 10 --out walk.png",
    )
    .action(async (options: SampleOptions) => {
      const { runSample } = await import("../commands/sample.js");
      await runSample({ ...options, ...program.opts() });
    });
}

/** So many numbers of samples, after those before them. */
function collectNumbers(count: number): (text: string, previous?: readonly number[][]) => number[][] {
  return (text, previous = []) => {
    const numbers = text.split(",").map(Number);
    const fits = numbers.length === count && numbers.every((n) => Number.isInteger(n) && n >= 0);
    if (fits && text.trim() !== "") return [...previous, numbers];
    throw new InvalidArgumentError(`expected ${count} numbers of samples, as in ${"3,17,5".slice(0, 2 * count)}.`);
  };
}
