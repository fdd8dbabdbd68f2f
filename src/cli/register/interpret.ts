/** The commands `vitrine retrieve` and `vitrine interpret …` and their options. */
import { type Command, Option } from "commander";
import { collect, modelOptions, wholeNumber } from "../arguments.js";
import { DEVICES } from "../../engine/runtime/session.js";
import type { CompareOptions } from "../commands/interpret-compare.js";
import type { ContrastOptions, MapsOptions } from "../commands/interpret-maps.js";
import type { NeighboursOptions } from "../commands/interpret-neighbours.js";
import type { RetrieveOptions } from "../commands/retrieve.js";

export function registerInterpret(program: Command): void {
  const among = (command: Command): Command =>
    command
      .option("--among <paths...>", "pictures, or folders of pictures")
      .addOption(new Option("--world <name>", "draw pictures instead (the default)").choices(["scenes"]))
      .option("--count <n>", "scenes to draw", wholeNumber(1, 1_000_000), 500)
      .option("--seed <n>", "seed of the scenes", wholeNumber(0, 2 ** 32 - 1), 0)
      .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 8)
      .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
      .option("--strict", "stop at a picture that cannot be read, instead of leaving it out");
  const search = (command: Command, top: number): Command =>
    among(modelOptions(command))
      .addOption(
        new Option("--similarity <kind>", "dot products, cosines, or cosines less the mean of all pictures")
          .choices(["raw", "cosine", "centred"])
          .default("centred"),
      )
      .addOption(
        new Option("--combine <way>", "several heads: each by itself, added up, or by their mean vector")
          .choices(["each", "mean"])
          .default("each"),
      )
      .option("--top <n>", "pictures to list", wholeNumber(1, 1000), top)
      .option("-o, --out <file>", "write a sheet of the pictures there, as PNG")
      .option("--force", "overwrite the file");
  const byHead = (command: Command, top: number): Command =>
    search(command, top).requiredOption("--head <name>", "a head, such as 3.0 or L3.H0; repeat for several", collect);
  const reading = (command: Command): Command =>
    command
      .option("--pool <file>", "texts to describe heads with, one a line (default: descriptions of scenes)")
      .option("--properties <file>", "scenes, general, or JSON of words by property (default: as the texts are)")
      .addOption(
        new Option("--assign <how>", "texts to properties: by words, or by nearness in the model's space").choices([
          "words",
          "nearness",
        ]),
      )
      .option("--texts <n>", "texts per head", wholeNumber(1, 100), 5)
      .option("--last-layers <n>", "heads of so many last layers (default: 4)", wholeNumber(1, 1000))
      .option("--label-endpoint <url>", "label heads by a language model there (key: VITRINE_LABEL_KEY)")
      .option("--label-model <name>", "which language model")
      .option("--label-timeout <seconds>", "wait so long for each answer", wholeNumber(1, 3600), 30);
  const maps = (command: Command): Command =>
    modelOptions(command)
      .argument("<images...>", "pictures: JPEG, PNG, WebP, AVIF, GIF, TIFF")
      .requiredOption("-t, --text <text>", "a text; repeat for several", collect)
      .option("--head <name>", "a head, such as 3.0 or L3.H0; repeat for several (default: all together)", collect)
      .option("-o, --out <dir>", "write maps there, as PNG")
      .option("--batch <n>", "pictures per run of the model", wholeNumber(1, 1024), 4)
      .option("--frame <n>", "which frame of animated pictures to use (0 is the first)", wholeNumber(0, 1_000_000))
      .option("--force", "overwrite files");

  byHead(program.command("retrieve"), 8)
    .summary("pictures of which a head says the same as of a picture, or what a text says")
    .argument("<query>", "a picture, or a text")
    .addHelpText("after", '\nExample:\n  vitrine retrieve "something red" --head 3.0 --among photos --out red.png')
    .action(async (query: string, options: RetrieveOptions) => {
      const { runRetrieve } = await import("../commands/retrieve.js");
      await runRetrieve(query, { ...options, ...program.opts() });
    });

  const interpret = program
    .command("interpret")
    .summary("what the heads of a CLIP are about: analyses and figures of CLIP-InterpreT");
  reading(search(interpret.command("neighbours"), 4))
    .summary("pictures that share a property, such as colour, with a picture")
    .argument("<image>", "a picture")
    .requiredOption("--property <name>", "what heads are labelled with")
    .option("--agree <n>", "only heads with so many texts that agree with their label", wholeNumber(0, 100), 2)
    .action(async (image: string, options: NeighboursOptions) => {
      const { runNeighbours } = await import("../commands/interpret-neighbours.js");
      await runNeighbours(image, { ...options, ...program.opts() });
    });
  maps(interpret.command("topics"))
    .summary("where heads see a text in a picture")
    .action(async (images: string[], options: MapsOptions) => {
      const { runTopics } = await import("../commands/interpret-maps.js");
      await runTopics(images, { ...options, ...program.opts() });
    });
  maps(interpret.command("contrast"))
    .summary("where heads see one text rather than another")
    .option("--reference-bug", "only the last head of the last layer, as the published tool does")
    .action(async (images: string[], options: ContrastOptions) => {
      const { runContrast } = await import("../commands/interpret-maps.js");
      await runContrast(images, { ...options, ...program.opts() });
    });
  for (const [kind, top] of [
    ["image", 8],
    ["text", 3],
  ] as const) {
    byHead(interpret.command(kind), top)
      .summary(`pictures nearest to ${kind === "image" ? "a picture" : "a text"}, as heads see them`)
      .argument(`<${kind}>`, kind === "image" ? "a picture" : "a text")
      .action(async (query: string, options: RetrieveOptions) => {
        const { runRetrieve } = await import("../commands/retrieve.js");
        await runRetrieve(query, { ...options, ...program.opts() }, kind);
      });
  }
  reading(among(interpret.command("compare")))
    .summary("how well the heads of models can be read: association, entanglement, consistency of concepts")
    .argument("<refs...>", "models: zoo names, folders, files or hub ids")
    .addOption(new Option("--device <name>", "where to compute").choices(DEVICES).default("cpu"))
    .option("--offline", "use only what is on this machine")
    .action(async (refs: string[], options: CompareOptions) => {
      const { runCompare } = await import("../commands/interpret-compare.js");
      await runCompare(refs, { ...options, ...program.opts() });
    });
}
