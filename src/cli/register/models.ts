/** The commands `vitrine models …` and their options. */
import { type Command, Option } from "commander";
import { QUANTISED_BITS, QUANTISED_BLOCKS } from "../../engine/tensor/quantise.js";
import { modelOptions, wholeNumber } from "../arguments.js";
import type { ModelOptions } from "../commands/model-options.js";
import type { RandomOptions, RevisionOptions } from "../commands/models.js";
import type { QuantizeOptions } from "../commands/models-quantize.js";

export function registerModels(program: Command): void {
  const models = program.command("models").summary("list, download, inspect and verify checkpoints");
  models
    .command("list")
    .summary("models that come with Vitrine, and those in the hub's cache on this machine")
    .action(async () => {
      const { listModels } = await import("../commands/models.js");
      await listModels(program.opts());
    });
  modelOptions(models.command("info").argument("<ref>", "zoo name, folder, file or hub id"))
    .summary("sizes, layout and preprocessing of a model")
    .option("--sites", "list the sites that can be read and edited")
    .action(async (ref: string, options: ModelOptions & { sites?: true }) => {
      const { modelInfo } = await import("../commands/models.js");
      await modelInfo(ref, { ...options, ...program.opts() });
    });
  models
    .command("pull")
    .summary("download a model from the hub")
    .argument("<id>", "such as openai/clip-vit-base-patch16")
    .option("--revision <name>", "branch, tag or commit")
    .action(async (id: string, options: RevisionOptions) => {
      const { pullModel } = await import("../commands/models.js");
      await pullModel(id, { ...options, ...program.opts() });
    });
  models
    .command("verify")
    .summary("hash a downloaded model's files again")
    .argument("<id>", "such as openai/clip-vit-base-patch16")
    .option("--revision <name>", "branch, tag or commit")
    .action(async (id: string, options: RevisionOptions) => {
      const { verifyModel } = await import("../commands/models.js");
      await verifyModel(id, { ...options, ...program.opts() });
    });

  models
    .command("random")
    .summary("write a checkpoint with random weights, to try things on")
    .requiredOption("-o, --out <dir>", "folder to write")
    .option(
      "--arch <name>",
      "tiny, an architecture as in `vitrine bench --help`, or tiny-dino, tiny-dinov2, tiny-siglip, tiny-llava or tiny-instructblip",
      "tiny",
    )
    .option("--seed <n>", "seed of the weights", wholeNumber(0, 2 ** 32 - 1), 0)
    .action(async (options: RandomOptions) => {
      const { randomModel } = await import("../commands/models.js");
      await randomModel({ ...options, ...program.opts() });
    });
  models
    .command("quantize")
    .summary("write a vision-language model again with 4 or 8 bits a weight")
    .description(
      "Rounds the matrices of the language model, 32 numbers to a scale; embeddings, norms, projector and tower stay as they are.",
    )
    .argument("<ref>", "zoo name, folder or hub id of a LLaVA")
    .requiredOption("-o, --out <dir>", "folder to write")
    .addOption(new Option("--bits <n>", "bits a weight").choices(QUANTISED_BITS.map(String)).default("4"))
    .addOption(
      new Option("--block <n>", "numbers of a row that share a scale: more are quicker and coarser")
        .choices(QUANTISED_BLOCKS.map(String))
        .default("32"),
    )
    .option("--revision <name>", "branch, tag or commit of a hub id")
    .option("--offline", "use only what is on this machine")
    .option("--force", "overwrite what stands there")
    .action(async (ref: string, options: QuantizeOptions) => {
      const { quantizeModel } = await import("../commands/models-quantize.js");
      await quantizeModel(ref, { ...options, ...program.opts() });
    });
}
