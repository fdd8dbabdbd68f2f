/** The command `vitrine neurons` and its options. */
import { type Command, Option } from "commander";
import { modelOptions, wholeNumber } from "../arguments.js";
import type { NeuronsCommandOptions } from "../commands/neurons.js";

export function registerNeurons(program: Command): void {
  modelOptions(program.command("neurons"))
    .summary("what the neurons of one layer make later heads say of a picture")
    .description("Second-order effects: what each neuron writes, as the attention heads of later layers carry it on.")
    .argument("[images...]", "pictures: JPEG, PNG, WebP, AVIF, GIF, TIFF")
    .requiredOption("--layer <n>", "whose neurons, from 0", wholeNumber(0, 1000))
    .addOption(
      new Option("--bookkeeping <kind>", "constants: none, or an equal share for each neuron as the reference has it")
        .choices(["clean", "reference"])
        .default("clean"),
    )
    .option(
      "--pool <file>",
      "texts, one a line, or `scenes`: describe neurons by them over all the pictures, taken as one set",
    )
    .option("--atoms <n>", "with --pool: texts per neuron (default: 32)", wholeNumber(1, 1000))
    .option("--neuron <n>", "with --pool: this neuron instead of the strongest", wholeNumber(0, 1_000_000))
    .option("--concepts", "with --pool: also what the neurons say of each picture")
    .option("--shown <class>", "a class to show, and what to show beside it so that it is …")
    .option("--taken-for <class>", "… taken for this class: words of neurons, prompts, and on scenes pictures")
    .option("--prompts <n>", "with --shown: prompts to write", wholeNumber(1, 10_000), 8)
    .option(
      "--scenes <n>",
      "with --pool or --shown: scenes to draw where no pictures are given",
      wholeNumber(2, 1_000_000),
      2000,
    )
    .option("--seed <n>", "seed of these scenes and of prompts", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--strict", "with --pool or --shown: stop at a picture that cannot be read, instead of leaving it out")
    .option(
      "-o, --out <dir>",
      "write neuron_effects.safetensors there; with --pool, neuron_statistics and neuron_words.json; with --shown, words and prompts",
    )
    .option("--pixels <file>", "a safetensors file with `pixels` [B,3,H,W], already normalised, instead of pictures")
    .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 8)
    .option("--top <n>", "neurons to list (without --pool, for each picture)", wholeNumber(1, 1000), 5)
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("--force", "overwrite the results of an earlier run")
    .addHelpText(
      "after",
      "\nExample:\n  vitrine neurons photos/*.jpg --layer 8 --model openai/clip-vit-base-patch32 --pool words.txt",
    )
    .action(async (images: string[], options: NeuronsCommandOptions) => {
      const { runNeurons } = await import("../commands/neurons.js");
      await runNeurons(images, { ...options, ...program.opts() });
    });
}
