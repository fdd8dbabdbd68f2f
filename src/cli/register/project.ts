/** The command `vitrine project` and its options. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { collect, wholeNumber } from "../arguments.js";
import type { ProjectOptions } from "../commands/project.js";
import { CORRUPTIONS, MOST_STRENGTH } from "../../methods/idempotent/corruptions.js";

export function registerProject(program: Command): void {
  program
    .command("project")
    .summary("bring pictures to what an idempotent generator knows, and say how far they were from it")
    .argument("[images...]", "pictures: JPEG, PNG, WebP, AVIF, GIF or TIFF")
    .option("-m, --model <ref>", "zoo name or folder", "ign-glyphs")
    .option("--times <n>", "how often f is applied", wholeNumber(1, 100), 2)
    .addOption(new Option("--corrupt <how>", "damage the pictures first, to see them mended").choices(CORRUPTIONS))
    .option("--strength <x>", "how much of noise, blur or mask, up to 4; 1 is as published", strengthOf, 1)
    .option("--seed <n>", "of the damage", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--invert", "swap dark and bright: for dark ink on paper, where the model knows bright ink")
    .option("--norm <mode>", "statistics of batch norms: one of the model's banks, or batch")
    .option("--pixels <file>", "a safetensors file with `pixels` [B,C,S,S] in [-1, 1], instead of pictures")
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option(
      "-o, --out <file>",
      "a page (.png): picture, projections, drift; or tensors (.safetensors); repeat for both",
      collect,
    )
    .option("--force", "overwrite files that are there")
    .addHelpText("after", "\nExample:\n  vitrine project digit.png --corrupt mask --out mended.png")
    .action(async (images: string[], options: ProjectOptions) => {
      const { runProject } = await import("../commands/project.js");
      await runProject(images, { ...options, ...program.opts() });
    });
}

function strengthOf(text: string): number {
  const strength = Number(text);
  if (text.trim() !== "" && strength > 0 && strength <= MOST_STRENGTH) return strength;
  throw new InvalidArgumentError(`expected a number above 0, and ${MOST_STRENGTH} at most.`);
}
