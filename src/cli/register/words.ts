/** The command `vitrine words` and its options. */
import type { Command } from "commander";
import { collect, modelOptions, wholeNumber } from "../arguments.js";
import type { WordsCommandOptions } from "../commands/words.js";

export function registerWords(program: Command): void {
  modelOptions(program.command("words"))
    .summary("which words of a text, through which heads, make its representation what it is")
    .description(
      "Takes a CLIP's text features apart, exactly: what each word adds through each head of the text tower to the similarity with a picture, with another text, or with the text itself.",
    )
    .argument("<texts...>", "texts, each as one argument")
    .option("--image <file>", "compare with this picture")
    .option("--against <text>", "compare with this text; repeat for several", collect)
    .option("-o, --out <dir>", "write words.safetensors, words.csv and a figure for each text there")
    .option("--top <n>", "heads to list", wholeNumber(1, 1000), 5)
    .option("--frame <n>", "which frame of an animated picture to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("--force", "overwrite the results of an earlier run")
    .addHelpText("after", '\nExample:\n  vitrine words "a red heart on the grass" --image heart.png --out words')
    .action(async (texts: string[], options: WordsCommandOptions) => {
      const { runWords } = await import("../commands/words.js");
      await runWords(texts, { ...options, ...program.opts() });
    });
}
