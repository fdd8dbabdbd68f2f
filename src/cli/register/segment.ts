/** The command `vitrine segment` and its options. */
import { type Command, Option } from "commander";
import { collect, collectHeads, fraction, modelOptions, wholeNumber } from "../arguments.js";
import type { SegmentCommandOptions } from "../commands/segment.js";

export function registerSegment(program: Command): void {
  modelOptions(program.command("segment"))
    .summary("which pixels of a picture speak for a text")
    .description(
      "Zero-shot segmentation: the patches through which a CLIP's attention heads speak for a text, and against others.",
    )
    .argument("[images...]", "pictures: JPEG, PNG, WebP, AVIF, GIF, TIFF, or a scene as JSON")
    .option("-t, --text <text>", "what to look for; repeat for several, which are then set against each other", collect)
    .option(
      "--against <text>",
      "what to set the texts against instead; repeat for several, of which the mean counts",
      collect,
    )
    .addOption(
      new Option("--templates <set>", "sentences that texts are put into as class names")
        .choices(["none", "simple", "imagenet"])
        .default("none"),
    )
    .option("--head <L.H>", "a layer and a head of it, from 0; repeat for several (default: all heads)", collectHeads)
    .option("--mask <file>", "a picture's true mask, black for background; once for each picture, in order", collect)
    .addOption(
      new Option(
        "--alignment <kind>",
        "how masks are brought to the model's size: as the pictures, or squashed as the reference does",
      )
        .choices(["aligned", "reference"])
        .default("aligned"),
    )
    .option("--threshold <part>", "what a map from 0 to 1 exceeds in the foreground (default: its mean)", fraction)
    .option("-o, --out <dir>", "write segmentation.safetensors, heat maps and masks there")
    .option("--pixels <file>", "a safetensors file with `pixels` [B,3,H,W], already normalised, instead of pictures")
    .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 4)
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("--force", "overwrite the results of an earlier run")
    .addHelpText("after", '\nExample:\n  vitrine segment cat.jpg --text "a cat" --against "a dog" --out cat')
    .action(async (images: string[], options: SegmentCommandOptions) => {
      const { runSegment } = await import("../commands/segment.js");
      await runSegment(images, { ...options, ...program.opts() });
    });
}
