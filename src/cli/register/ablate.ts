/** The command `vitrine ablate` and its options. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { collect, modelOptions, wholeNumber } from "../arguments.js";
import type { PublishedName } from "../../methods/decompose/published-heads.js";
import type { TemplateSet } from "../../methods/decompose/templates.js";
import type { Attribute } from "../../worlds/scenes/index.js";
import type { AblateCommandOptions } from "../commands/ablate.js";

// Written out here as well, so that listing the options loads neither methods nor worlds.
const ATTRIBUTES = ["shape", "colour", "texture", "size", "position", "background", "style"] satisfies Attribute[];
const PUBLISHED = ["b-16", "l-14", "h-14"] satisfies PublishedName[];
const TEMPLATE_SETS = ["none", "simple", "imagenet"] satisfies TemplateSet[];

export function registerAblate(program: Command): void {
  modelOptions(program.command("ablate"))
    .summary("what a CLIP still tells right when components say the same of every picture")
    .description(
      "Mean ablation: holds heads, MLPs or what the class token takes from itself at their mean over the pictures, and tells how many are then classified right. Without a choice of components: all MLPs, the class token's own part, and heads layer by layer.",
    )
    .argument("[images...]", "pictures, or folders named like their class; by default, scenes of one object")
    .option("--class <name>", "a class to tell; repeat for all (default: the labels that there are)", collect)
    .option("--classes <file>", "classes, one a line")
    .addOption(
      new Option("--templates <set>", "sentences that classes are put into").choices(TEMPLATE_SETS).default("simple"),
    )
    .option("--labels <file>", "CSV: file,label or file,label,group (default: the folder that a picture lies in)")
    .option("--pixels <file>", "a safetensors file with `pixels` [B,3,H,W], already normalised, instead of pictures")
    .option("--scenes <n>", "scenes to draw where no pictures are given", wholeNumber(2, 10_000_000), 1000)
    .addOption(new Option("--attribute <name>", "scenes: what is to be told (default: shape)").choices(ATTRIBUTES))
    .addOption(new Option("--group-by <name>", "scenes: groups, of which the worst is told").choices(ATTRIBUTES))
    .option("--heads <names>", "heads such as L3.H1,L3.H2", list)
    .option("--layers <numbers>", "all heads of layers such as 0-2,5", list)
    .option("--mlps", "all MLPs and the start of the residual stream")
    .option("--cls", "what the class token takes from itself, in all heads")
    .option(
      "--hold <component>",
      "any component: L3.mlp, L0-2.cls, L3, heads, mlps, start, …; repeat for several",
      collect,
    )
    .addOption(new Option("--published <name>", "heads that the paper takes for those of places").choices(PUBLISHED))
    .option("--sweep", "heads of layers 0 to j, for every j")
    .option("--completeness", "heads of the last layers reduced to a few texts each")
    .option("--pool <file>", "with --completeness: texts to choose from (default: descriptions of scenes)")
    .option("--texts <numbers>", "with --completeness: texts per head (default: 1,2,5,10,20,30)", list)
    .option(
      "--last-layers <n>",
      "with --completeness: how many layers are late (default: 4, at most half)",
      wholeNumber(1, 1000),
    )
    .option("--means <path>", "take means over these pictures instead; repeat for several files or folders", collect)
    .option(
      "--random-controls <n>",
      "draws of equally many random heads (of texts and vectors, at most 5)",
      wholeNumber(0, 10_000),
      20,
    )
    .option("--seed <n>", "of scenes, controls and intervals", wholeNumber(0, 2 ** 32 - 1), 0)
    .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 16)
    .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
    .option("-o, --out <dir>", "write ablation.json, ablation.csv and figures there")
    .option("--strict", "stop at a picture that cannot be read, instead of leaving it out")
    .option("--force", "overwrite the results of an earlier run")
    .addHelpText(
      "after",
      "\nExample:\n  vitrine ablate birds --labels birds.csv --heads L11.H6,L11.H0 --mlps --out ablated",
    )
    .action(async (images: string[], options: AblateCommandOptions) => {
      const { runAblate } = await import("../commands/ablate.js");
      await runAblate(images, { ...options, ...program.opts() });
    });
}

/** Names with commas between them; the option may be given again. */
function list(value: string, previous: readonly string[] = []): string[] {
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) throw new InvalidArgumentError("expected names with commas between them.");
  return [...previous, ...names];
}
