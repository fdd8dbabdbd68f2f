/** The command `vitrine caption` and its options. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { DEVICES } from "../../engine/runtime/session.js";
import { collect, fraction, wholeNumber } from "../arguments.js";
import type { CaptionCommandOptions } from "../commands/caption.js";

export function registerCaption(program: Command): void {
  program
    .command("caption")
    .summary("what a vision-language model says of a picture, what it believes, and what it says with words erased")
    .description(
      "Describes a picture; tells how much the image tokens hold of each object that is named, and where; erases words from what the model sees (ProjectAway) and describes it again.",
    )
    .argument("<image>", "a picture: JPEG, PNG, WebP, AVIF, GIF, TIFF, or a scene as JSON")
    .option("-m, --model <ref>", "zoo name, folder or hub id of a LLaVA or an InstructBLIP", "vlm-scenes")
    .addOption(new Option("--device <name>", "where to compute").choices(DEVICES).default("cpu"))
    .option("--question <text>", 'what is asked (default: "Write a detailed description.")')
    .option(
      "--prompt <text>",
      "all that the model reads, <image> where the picture goes, {question} for the question (default: the model's chat template, or the usual prompt of its kind)",
    )
    .option("--confidence <word>", "a word to tell the model's belief in; repeat for several", collect)
    .option("--erase <word>", "a word to erase from what the model sees; repeat for several", collect)
    .option(
      "--auto-erase",
      "erase the objects that the model names and does not believe in, where that leaves fewer of them",
    )
    .option("--threshold <part>", "belief below which an object is taken for hallucinated", fraction)
    .option("--layer <n>", "the block after which words are erased, from 0; -1 is before the first", integer(-1))
    .option("--text-layer <n>", "where words' directions are read; 0 is the embedding", integer(-1))
    .option("--alpha <x>", "how much of a direction is taken away: 1 all of it, more turns it round", positive)
    .option("--joint", "erase all words at once, whatever their order, not one after the other")
    .option(
      "--objects <file>",
      "words for objects, as `vitrine eval chair --synonyms` takes (default: those of scenes)",
    )
    .addOption(
      new Option("--norm <kind>", "the final norm before the lens: of the last state alone, or of all")
        .choices(["none", "final"])
        .default("none"),
    )
    .addOption(
      new Option("--softmax <kind>", "of all words, or of the 50 likeliest")
        .choices(["plain", "top-50"])
        .default("plain"),
    )
    .option("--beams <n>", "beginnings to go on with; 1 takes the likeliest token each time", wholeNumber(1, 64), 1)
    .option("--max-tokens <n>", "tokens of a caption at most", wholeNumber(1, 4096), 512)
    .option("--temperature <x>", "above 0, tokens are drawn by their probability", positive)
    .option("--top-p <part>", "draw from the likeliest tokens that together have this probability", fraction)
    .option("--seed <n>", "of draws", wholeNumber(0, 2 ** 31), 0)
    .option("--repetition-penalty <x>", "above 1, what was said already gets less likely", positive, 1)
    .option("--tower <ref>", "the vision tower, where the checkpoint does not hold it")
    .option("--frame <n>", "which frame of an animated picture to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("-o, --out <dir>", "write caption.json and a map of each word there")
    .option("--force", "overwrite the results of an earlier run")
    .option("--revision <name>", "branch, tag or commit of a hub id")
    .option("--offline", "use only what is on this machine")
    .addHelpText(
      "after",
      "\nExample:\n  vitrine caption examples/scene.png --confidence tree --auto-erase --out caption",
    )
    .action(async (image: string, options: CaptionCommandOptions) => {
      const { runCaption } = await import("../commands/caption.js");
      await runCaption(image, { ...options, ...program.opts() });
    });
}

function integer(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`expected a whole number from ${least}.`);
  };
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1000) return value;
  throw new InvalidArgumentError("expected a number above 0, up to 1000.");
}
