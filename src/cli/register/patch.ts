/** The command `vitrine patch` and its options. */
import { type Command, Option } from "commander";
import { collect, modelOptions, wholeNumber } from "../arguments.js";
import type { PatchUnit } from "../../methods/patching/plan.js";
import type { PairAttribute } from "../../worlds/scenes/pairs.js";
import type { PatchCommandOptions } from "../commands/patch.js";

// Written out here as well, so that listing the options loads neither methods nor worlds.
const UNITS = ["heads", "tokens", "heads-tokens", "whole"] satisfies PatchUnit[];
const ATTRIBUTES = ["shape", "colour", "texture", "background"] satisfies PairAttribute[];

export function registerPatch(program: Command): void {
  modelOptions(program.command("patch"))
    .summary("which parts of a CLIP carry the difference between two pictures")
    .description(
      "Activation patching: runs one picture with single heads or tokens taken from another, both ways, and tells how much of the difference in score each makes.",
    )
    .argument("[images...]", "two pictures, A and B (default: two scenes that differ in one attribute)")
    .option("-t, --text <text>", "what is true of A (default for scenes: what tells A from B)")
    .option("--against <text>", "what is true of B; repeat for several, of which the mean counts", collect)
    .addOption(
      new Option("--templates <set>", "sentences that texts are put into as class names")
        .choices(["none", "simple", "imagenet"])
        .default("none"),
    )
    .option(
      "--site <name>",
      "attn.z, resid_pre, resid_mid, resid_post, mlp.out, …, in all layers; or any site",
      "attn.z",
    )
    .addOption(
      new Option("--by <unit>", "what is put in at a time (default: heads where there are any, else tokens)").choices(
        UNITS,
      ),
    )
    .addOption(
      new Option("--rows <which>", "heads and whole sites: at all tokens, or at the class token only")
        .choices(["all", "class"])
        .default("all"),
    )
    .option("--control [file]", "also put in cells of a third picture (default: of 4 scenes), for comparison")
    .option("--scenes <seed>", "seed of scenes", wholeNumber(0, 2 ** 32 - 1), 0)
    .addOption(new Option("--differ <attribute>", "what the two scenes differ in").choices(ATTRIBUTES).default("shape"))
    .option("--pairs <n>", "scenes only: over so many pairs, with intervals", wholeNumber(2, 100_000))
    .option("--pixels <file>", "a safetensors file with `pixels` [2,3,H,W], already normalised, instead of pictures")
    .option("-o, --out <dir>", "write patching.safetensors, patching.csv, patching.svg and report.html there")
    .option("--top <n>", "cells to list", wholeNumber(1, 1000), 10)
    .option("--batch <n>", "rows of the model per run", wholeNumber(2, 1024), 16)
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("--force", "overwrite the results of an earlier run")
    .addHelpText(
      "after",
      '\nExample:\n  vitrine patch cat.jpg dog.jpg --text "a cat" --against "a dog" --out patched --control',
    )
    .action(async (images: string[], options: PatchCommandOptions) => {
      const { runPatch } = await import("../commands/patch.js");
      await runPatch(images, { ...options, ...program.opts() });
    });
}
