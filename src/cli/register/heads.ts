/** The commands `vitrine heads` and `vitrine textspan` and their options. */
import { type Command, Option } from "commander";
import { modelOptions, wholeNumber } from "../arguments.js";
import type { HeadsCommandOptions } from "../commands/heads.js";
import type { TextSpanCommandOptions } from "../commands/textspan.js";

export function registerHeads(program: Command): void {
  modelOptions(program.command("heads"))
    .summary("what each of the last layers' heads says of many pictures, in words")
    .description(
      "TextSpan: the texts of a pool that span what each head contributes over a set of pictures. A run that was ended goes on.",
    )
    .argument("[images...]", "pictures, and folders of them; by default, scenes drawn for the purpose")
    .option("--pixels <file>", "a safetensors file with `pixels` [B,3,H,W], already normalised, instead of pictures")
    .option("--scenes <n>", "scenes to draw where no pictures are given", wholeNumber(2, 10_000_000), 2000)
    .option("--seed <n>", "seed of these scenes", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--pool <file>", "texts to choose from, one per line (default: descriptions of scenes)")
    .option("--properties <file>", "what heads are labelled with: scenes, general, or JSON of words by property")
    .addOption(
      new Option("--assign <how>", "texts to properties: by words, or by nearness in the model's space").choices([
        "words",
        "nearness",
      ]),
    )
    .option("--count <n>", "texts per head", wholeNumber(1, 100_000), 20)
    .option("--rank <n>", "directions of a head to project texts on (default: all it has)", wholeNumber(1, 100_000))
    .option("--layers <n>", "how many of the last layers", wholeNumber(1, 1000), 4)
    .option("--top <n>", "pictures to find for each of a head's first texts", wholeNumber(1, 1000), 6)
    .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 16)
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("-o, --out <dir>", "keep the index there, and write heads.json, heads.csv and heads.html")
    .option("--strict", "stop at a picture that cannot be read, instead of leaving it out")
    .option("--force", "overwrite the index of another run")
    .addHelpText(
      "after",
      "\nExample:\n  vitrine heads photos --model openai/clip-vit-base-patch16 --pool words.txt --out heads",
    )
    .action(async (images: string[], options: HeadsCommandOptions) => {
      const { runHeads } = await import("../commands/heads.js");
      await runHeads(images, { ...options, ...program.opts() });
    });

  program
    .command("textspan")
    .summary("which texts of a pool span given rows, such as what a head says of many pictures")
    .description("Picks texts greedily, each the one along which the rows still vary most.")
    .requiredOption("--data <file>", "a safetensors file with `textspan_data` [rows,width]")
    .requiredOption("--pool <file>", "a safetensors file with `textspan_pool` [texts,width], texts of length 1")
    .option("--count <n>", "texts to pick", wholeNumber(1, 100_000), 20)
    .option(
      "--rank <n>",
      "directions of the rows to project texts on (default: all that the rows have)",
      wholeNumber(1, 100_000),
    )
    .option("-o, --out <dir>", "write textspan.safetensors there: what the picks say of every row")
    .action(async (options: TextSpanCommandOptions) => {
      const { runTextSpan } = await import("../commands/textspan.js");
      await runTextSpan({ ...options, ...program.opts() });
    });
}
