/** The command `vitrine decompose` and its options. */
import { type Command, Option } from "commander";
import { collect, modelOptions, wholeNumber } from "../arguments.js";
import type { DecomposeCommandOptions } from "../commands/decompose.js";

export function registerDecompose(program: Command): void {
  modelOptions(program.command("decompose"))
    .summary("what each head, layer and patch of a CLIP contributed to what it says of a picture")
    .description(
      "Takes a CLIP's answer apart, exactly: how much every head, layer and patch added to the similarity of a picture with each text.",
    )
    .argument("[images...]", "pictures: JPEG, PNG, WebP, AVIF, GIF, TIFF, or a scene as JSON")
    .option("-t, --text <text>", "a text to compare with; repeat for several", collect)
    .option(
      "--like <image>",
      "a picture to compare with, for models without texts above all; repeat for several",
      collect,
    )
    .addOption(
      new Option("--templates <set>", "sentences that texts are put into as class names")
        .choices(["none", "simple", "imagenet"])
        .default("none"),
    )
    .option("-o, --out <dir>", "write decomposition.safetensors, heat maps and report.html there")
    .option("--pixels <file>", "a safetensors file with `pixels` [B,3,H,W], already normalised, instead of pictures")
    .option("--full", "also write head_contributions and token_contributions")
    .option("--off <part>", "switch a part off: L3.H1, L3.heads, L3.mlp or L3.N120; repeat for several", collect)
    .option("--mean <part>", "hold a part at its mean over 128 scenes (seed 0); repeat for several", collect)
    .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 4)
    .option("--top <n>", "heads to list per text", wholeNumber(1, 1000), 5)
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("--force", "overwrite the results of an earlier run")
    .addHelpText(
      "after",
      '\nExample:\n  vitrine decompose cat.jpg --text "a cat" --text "a dog" --model openai/clip-vit-base-patch16 --out cat',
    )
    .action(async (images: string[], options: DecomposeCommandOptions) => {
      const { runDecompose } = await import("../commands/decompose.js");
      await runDecompose(images, { ...options, ...program.opts() });
    });
}
