#!/usr/bin/env node
/**
 * The `vitrine` command.
 *
 * @file Commands are imported when they run, so that `vitrine --help` loads nothing but what lists them.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { DEVICES } from "../engine/runtime/session.js";
import type { HeadPlace } from "../models/clip/head-place.js";
import { VERSION } from "../version.js";
import type { BenchOptions } from "./commands/bench.js";
import type { DecomposeCommandOptions } from "./commands/decompose.js";
import type { EvalOptions } from "./commands/eval.js";
import type { HeadsCommandOptions } from "./commands/heads.js";
import type { RandomOptions, RevisionOptions } from "./commands/models.js";
import type { ModelOptions } from "./commands/model-options.js";
import type { NeuronsCommandOptions } from "./commands/neurons.js";
import type { SegmentCommandOptions } from "./commands/segment.js";
import type { TextSpanCommandOptions } from "./commands/textspan.js";
import type { TrainCommandOptions } from "./commands/train.js";
import type { WorldOptions } from "./commands/world.js";
import { EXIT_USAGE, UsageError } from "../engine/errors.js";
import { fail, type GlobalOptions } from "./fail.js";
import { registerAblate } from "./ablate/register.js";
import { registerInterpret } from "./interpret/register.js";
import { registerPatch } from "./patch/register.js";
import { registerWords } from "./words/register.js";

const program = new Command("vitrine")
  .description("Read, edit and make visual models.")
  .version(VERSION)
  .option("--json", "print one JSON document instead of text")
  .option("--debug", "print stack traces")
  .showSuggestionAfterError()
  .configureHelp({ showGlobalOptions: true })
  .exitOverride()
  // Its errors are reported below, in the one form that all errors have.
  .configureOutput({ outputError: () => undefined });

modelOptions(program.command("decompose"))
  .summary("what each head, layer and patch of a CLIP contributed to what it says of a picture")
  .description(
    "Takes a CLIP's answer apart, exactly: how much every head, layer and patch added to the similarity of a picture with each text.",
  )
  .argument("[images...]", "pictures: JPEG, PNG, WebP, AVIF, GIF, TIFF")
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
  .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 4)
  .option("--top <n>", "heads to list per text", wholeNumber(1, 1000), 5)
  .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
  .option("--force", "overwrite the results of an earlier run")
  .addHelpText(
    "after",
    '\nExample:\n  vitrine decompose cat.jpg --text "a cat" --text "a dog" --model openai/clip-vit-base-patch16 --out cat',
  )
  .action(async (images: string[], options: DecomposeCommandOptions) => {
    const { runDecompose } = await import("./commands/decompose.js");
    await runDecompose(images, { ...options, ...program.opts() });
  });

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
    const { runHeads } = await import("./commands/heads.js");
    await runHeads(images, { ...options, ...program.opts() });
  });

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
  .option("--pool <file>", "texts, one a line: describe neurons by them over all the pictures, taken as one set")
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
    const { runNeurons } = await import("./commands/neurons.js");
    await runNeurons(images, { ...options, ...program.opts() });
  });

modelOptions(program.command("segment"))
  .summary("which pixels of a picture speak for a text")
  .description(
    "Zero-shot segmentation: the patches through which a CLIP's attention heads speak for a text, and against others.",
  )
  .argument("[images...]", "pictures: JPEG, PNG, WebP, AVIF, GIF, TIFF")
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
  .option("-o, --out <dir>", "write segmentation.safetensors, heat maps and masks there")
  .option("--pixels <file>", "a safetensors file with `pixels` [B,3,H,W], already normalised, instead of pictures")
  .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 4)
  .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
  .option("--force", "overwrite the results of an earlier run")
  .addHelpText("after", '\nExample:\n  vitrine segment cat.jpg --text "a cat" --against "a dog" --out cat')
  .action(async (images: string[], options: SegmentCommandOptions) => {
    const { runSegment } = await import("./commands/segment.js");
    await runSegment(images, { ...options, ...program.opts() });
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
    const { runTextSpan } = await import("./commands/textspan.js");
    await runTextSpan({ ...options, ...program.opts() });
  });

registerAblate(program, { modelOptions, collect, wholeNumber });
registerInterpret(program, { modelOptions, collect, wholeNumber });
registerPatch(program, { modelOptions, collect, wholeNumber });
registerWords(program, { modelOptions, collect, wholeNumber });

program
  .command("bench")
  .summary("measure speed and memory on this machine")
  .argument(
    "<what>",
    "decompose, heads, neurons, or train: a step of training, beside other frameworks where they are installed",
  )
  .option(
    "--arch <name>",
    "tiny, vit-b-32, vit-b-16, vit-l-14, vit-l-14-336, vit-h-14, vit-g-14 or vit-bigg-14",
    "vit-b-16",
  )
  .option("--batch <n>", "pictures per run of decompose, heads and neurons", wholeNumber(1, 64), 4)
  .option("--rounds <n>", "paired measurements", wholeNumber(3, 1000), 11)
  .option("--model <name>", "train: mlp, transformer or conv (default: all three)")
  .option("--peers <names>", "train: which of tfjs, jaxjs and torch to measure too, or none", "tfjs,jaxjs,torch")
  .action(async (what: string, options: BenchOptions) => {
    const { runBench } = await import("./commands/bench.js");
    await runBench(what, { ...options, ...program.opts() });
  });

modelOptions(program.command("eval").argument("<method>", "decompose, neurons or interpret"))
  .summary("measure what the papers claim, beside controls, on scenes whose content is known")
  .description(
    "Measures the claims of a method's paper on drawn scenes, beside controls, with intervals, and says which hold here. For models that know scenes.",
  )
  .option("--seed <n>", "first seed of scenes, texts, controls and untrained models", wholeNumber(0, 2 ** 31), 0)
  .option("--seeds <n>", "repetitions, each with a seed of its own", wholeNumber(1, 100), 3)
  .option("--quick", "a tenth of the scenes, for a look")
  .option("-o, --out <dir>", "write claims.json, claims.csv and claims.html there")
  .option("--force", "overwrite the results of an earlier run")
  .action(async (method: string, options: EvalOptions) => {
    const { runEval } = await import("./commands/eval.js");
    await runEval(method, { ...options, ...program.opts() });
  });

program
  .command("world")
  .summary("draw pictures whose content is known exactly")
  .description("Draws from a procedural world: pictures with captions and exact truth, as a contact sheet or as JSON.")
  .argument("<name>", "scenes")
  .option("-o, --out <file>", "write a contact sheet there, as PNG")
  .option("--count <n>", "pictures", wholeNumber(1, 1000), 48)
  .option("--columns <n>", "pictures per row", wholeNumber(1, 100), 8)
  .option("--size <pixels>", "side of each picture", wholeNumber(8, 1024), 128)
  .option("--seed <n>", "seed of the world", wholeNumber(0, 2 ** 32 - 1), 0)
  .option("--spurious <rate>", "how often fish come with the sea, birds with the sky, trees with a house", fraction)
  .option("--captions", "write a description below each picture")
  .option("--force", "overwrite the file")
  .addHelpText("after", "\nExample:\n  vitrine world scenes --captions --out sheet.png")
  .action(async (name: string, options: WorldOptions) => {
    const { runWorld } = await import("./commands/world.js");
    await runWorld(name, { ...options, ...program.opts() });
  });

program
  .command("train")
  .summary("rebuild a model of the zoo from its recipe; a run that was ended goes on")
  .argument("<recipe>", "clip-scenes")
  .option("-o, --out <dir>", "folder of checkpoints, log and result (default: vitrine-out/train/RECIPE)")
  .option("--steps <n>", "updates, instead of the recipe's own number", wholeNumber(2, 10_000_000))
  .option("--seed <n>", "seed of weights, data and order", wholeNumber(0, 2 ** 32 - 1))
  .action(async (recipe: string, options: TrainCommandOptions) => {
    const { runTrain } = await import("./commands/train.js");
    await runTrain(recipe, { ...options, ...program.opts() });
  });

const models = program.command("models").summary("list, download, inspect and verify checkpoints");
models
  .command("list")
  .summary("models that come with Vitrine, and those in the hub's cache on this machine")
  .action(async () => {
    const { listModels } = await import("./commands/models.js");
    await listModels(program.opts());
  });
modelOptions(models.command("info").argument("<ref>", "zoo name, folder, file or hub id"))
  .summary("sizes, layout and preprocessing of a model")
  .option("--sites", "list the sites that can be read and edited")
  .action(async (ref: string, options: ModelOptions & { sites?: true }) => {
    const { modelInfo } = await import("./commands/models.js");
    await modelInfo(ref, { ...options, ...program.opts() });
  });
models
  .command("pull")
  .summary("download a model from the hub")
  .argument("<id>", "such as openai/clip-vit-base-patch16")
  .option("--revision <name>", "branch, tag or commit")
  .action(async (id: string, options: RevisionOptions) => {
    const { pullModel } = await import("./commands/models.js");
    await pullModel(id, { ...options, ...program.opts() });
  });
models
  .command("verify")
  .summary("hash a downloaded model's files again")
  .argument("<id>", "such as openai/clip-vit-base-patch16")
  .option("--revision <name>", "branch, tag or commit")
  .action(async (id: string, options: RevisionOptions) => {
    const { verifyModel } = await import("./commands/models.js");
    await verifyModel(id, { ...options, ...program.opts() });
  });

models
  .command("random")
  .summary("write a checkpoint with random weights, to try things on")
  .requiredOption("-o, --out <dir>", "folder to write")
  .option(
    "--arch <name>",
    "tiny, an architecture as in `vitrine bench --help`, or tiny-dino, tiny-dinov2 or tiny-siglip",
    "tiny",
  )
  .option("--seed <n>", "seed of the weights", wholeNumber(0, 2 ** 32 - 1), 0)
  .action(async (options: RandomOptions) => {
    const { randomModel } = await import("./commands/models.js");
    await randomModel({ ...options, ...program.opts() });
  });

// A reader that stops early (`| head`) is no error of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = finish(error);
}

/** Reports an error, if it is one, and returns the exit code. */
function finish(error: unknown): number {
  // Commander's way to end after --help and --version, or after the help that a lone `vitrine` prints.
  if (error instanceof CommanderError && error.exitCode === 0) return 0;
  if (error instanceof CommanderError && error.code === "commander.help") return EXIT_USAGE;
  // Where parsing stopped early, Commander does not know of options that come later.
  const options = { ...program.opts<GlobalOptions>(), ...(process.argv.includes("--json") && { json: true as const }) };
  return fail(error instanceof CommanderError ? usageError(error) : error, options);
}

function usageError({ message }: CommanderError): UsageError {
  const [what, suggestion] = message.replace(/^error: /, "").split("\n") as [string, string?];
  const guess = suggestion?.replace(/^\(Did you mean (.*)\?\)$/, "did you mean $1? ") ?? "";
  const command = program.commands.find((known) => process.argv.includes(known.name()))?.name();
  const help = ["vitrine", ...(command === undefined ? [] : [command]), "--help"].join(" ");
  return new UsageError({ what: what.replace(/\.$/, ""), fix: `${guess}see \`${help}\`` });
}

/** Options of every command that loads a model. */
function modelOptions(command: Command): Command {
  return command
    .option("-m, --model <ref>", "zoo name, folder, file or hub id", "clip-scenes")
    .addOption(new Option("--device <name>", "where to compute").choices(DEVICES).default("cpu"))
    .addOption(
      new Option("--activation <name>", "override the model's activation").choices(["gelu", "quick_gelu", "gelu_tanh"]),
    )
    .option("--image-size <pixels>", "override the model's input size", wholeNumber(1, 8192))
    .option("--revision <name>", "branch, tag or commit of a hub id")
    .option("--offline", "use only what is on this machine");
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function collectHeads(value: string, previous: readonly HeadPlace[] = []): HeadPlace[] {
  const [, layer, head] = /^L?(\d+)\.H?(\d+)$/i.exec(value) ?? [];
  if (layer === undefined) throw new InvalidArgumentError("expected a layer and a head, such as 3.1.");
  return [...previous, { layer: Number(layer), head: Number(head) }];
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number from ${min} to ${max}.`);
  };
}

function fraction(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError("expected a number from 0 to 1.");
}
