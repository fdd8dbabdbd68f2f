/** The command `vitrine eval` and its options. */
import { type Command, Option } from "commander";
import { modelOptions, wholeNumber } from "../arguments.js";
import type { EvalOptions } from "../commands/eval.js";
import type { EvalIdempotentOptions } from "../commands/eval-idempotent.js";
import type { EvalChairOptions } from "../commands/eval-chair.js";

export function registerEval(program: Command): void {
  const command = program.command("eval");
  modelOptions(command.argument("<method>", "decompose, neurons, interpret or captions"))
    .summary("measure what the papers claim, beside controls, on scenes whose content is known")
    .description(
      "Measures the claims of a method's paper on drawn scenes, beside controls, with intervals, and says which hold here. For models that know scenes.",
    )
    .option("--seed <n>", "first seed of scenes, texts, controls and untrained models", wholeNumber(0, 2 ** 31), 0)
    .option(
      "--seeds <n>",
      "repetitions, each with a seed of its own, of what is told by repetition; else intervals are by resampling",
      wholeNumber(1, 100),
      3,
    )
    .option("--quick", "a tenth of the scenes, for a look")
    .option("-o, --out <dir>", "write claims.json, claims.csv and claims.html there")
    .option("--force", "overwrite the results of an earlier run")
    .action(async (method: string, options: EvalOptions) => {
      if (method === "captions") {
        const { runEvalCaptions } = await import("../commands/eval-captions.js");
        const { model, ...rest } = options;
        const own = command.getOptionValueSource("model") === "default" ? {} : { model };
        await runEvalCaptions({ ...rest, ...own, ...program.opts() });
        return;
      }
      const { runEval } = await import("../commands/eval.js");
      await runEval(method, { ...options, ...program.opts() });
    });
  command
    .command("chair")
    .summary("how much captions hallucinate: CHAIR, by the objects they name")
    .description(
      "Counts the objects that captions name and that are not in the pictures (CHAIRs, CHAIRi), and those in the pictures that are named (recall).",
    )
    .requiredOption("--captions <file>", 'captions, one a line: {"image_id": 1, "caption": "A dog on a sofa."}')
    .requiredOption("--truth <file>", 'objects of each picture: {"1": ["dog", "couch"]}')
    .requiredOption(
      "--synonyms <file>",
      'words for objects: {"objects": {"dog": ["dog", "puppy"]}, "double_words": {"baby dog": "dog"}}',
    )
    .addOption(
      new Option("--mode <mode>", "with the mistakes of the published figures, or without")
        .choices(["strict", "fixed"])
        .default("strict"),
    )
    .action(async (options: EvalChairOptions) => {
      const { runEvalChair } = await import("../commands/eval-chair.js");
      await runEvalChair({ ...options, ...program.opts() });
    });
  command
    .command("idempotent")
    .summary("idempotent generators, trained in small with their controls, and judged")
    .description(
      "Trains small idempotent generators and their controls on digits, some 20 runs, and judges the paper's claims. A run that was ended goes on.",
    )
    .option("--steps <n>", "of each model, instead of the evaluation's own number", wholeNumber(20, 1_000_000))
    .option("--runs <dir>", "where models and figures are kept (default: vitrine-out/eval/idempotent)")
    .action(async (own: Pick<EvalIdempotentOptions, "steps" | "runs">) => {
      const { runEvalIdempotent } = await import("../commands/eval-idempotent.js");
      await runEvalIdempotent({ ...command.opts<EvalIdempotentOptions>(), ...own, ...program.opts() });
    });
}
