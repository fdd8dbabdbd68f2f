/** The command `vitrine world` and its options. */
import type { Command } from "commander";
import { fraction, wholeNumber } from "../arguments.js";
import type { WorldOptions } from "../commands/world.js";

export function registerWorld(program: Command): void {
  program
    .command("world")
    .summary("draw pictures whose content is known exactly")
    .description("Draws from a procedural world: pictures with their exact truth, as a contact sheet or as JSON.")
    .argument("<name>", "scenes, glyphs or faces")
    .option("-o, --out <file>", "write a contact sheet there, as PNG")
    .option("--count <n>", "pictures", wholeNumber(1, 1000), 48)
    .option("--columns <n>", "pictures per row", wholeNumber(1, 100), 8)
    .option("--size <pixels>", "side of each picture", wholeNumber(8, 1024), 128)
    .option("--seed <n>", "seed of the world", wholeNumber(0, 2 ** 32 - 1), 0)
    .option(
      "--spurious <rate>",
      "scenes: how often fish come with the sea, birds with the sky, trees with a house",
      fraction,
    )
    .option("--classes <characters>", "glyphs: which ones, such as 0123456789; by default these and A to Z")
    .option("--captions", "write words below each picture")
    .option("--force", "overwrite the file")
    .addHelpText(
      "after",
      "\nExample:\n  vitrine world scenes --captions --out sheet.png\n  vitrine world glyphs --classes 0123456789 --out digits.png",
    )
    .action(async (name: string, options: WorldOptions) => {
      const { runWorld } = await import("../commands/world.js");
      await runWorld(name, { ...options, ...program.opts() });
    });
}
