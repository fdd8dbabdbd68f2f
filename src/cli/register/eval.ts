/** The command `vitrine eval` and its options. */
import { type Command, Option } from "commander";
import { modelOptions, wholeNumber } from "../arguments.js";
import type { EvalOptions } from "../commands/eval.js";
import type { EvalIdempotentOptions } from "../commands/eval-idempotent.js";
import type { EvalPopeOptions } from "../commands/eval-pope.js";
import { POPE_STRATEGIES } from "../../methods/captions/pope.js";
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
    .command("pope")
    .summary("whether a model knows which objects are in pictures and which are not: POPE")
    .description(
      "Judges answers to POPE's questions (--truth, --answers), makes such questions of the objects of pictures (--truth, --questions), or, without files, measures a model on scenes: by asking it, where it reads questions, by what its captions name, and by what its image tokens hold.",
    )
    .option("--answers <file>", 'answers, one a line: {"question": "Is there a dog in the image?", "answer": "yes"}')
    .option(
      "--truth <file>",
      "POPE's questions with their labels, or objects of each picture, as `eval chair` takes them",
    )
    .addOption(
      new Option(
        "--questions <strategy>",
        "make questions of the objects of pictures: which absent objects to ask for",
      ).choices(POPE_STRATEGIES),
    )
    .option(
      "--per-picture <n>",
      "objects that are there, and as many that are not, of each picture",
      wholeNumber(1, 100),
      3,
    )
    .action(async (own: Pick<EvalPopeOptions, "answers" | "truth" | "questions" | "perPicture">) => {
      const { runEvalPope } = await import("../commands/eval-pope.js");
      const { model, ...rest } = command.opts<EvalPopeOptions>();
      const given = command.getOptionValueSource("model") === "default" || model === undefined ? {} : { model };
      await runEvalPope({ ...rest, ...given, ...own, ...program.opts() });
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
