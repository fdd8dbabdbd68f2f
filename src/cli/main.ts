#!/usr/bin/env node
/**
 * The `vitrine` command.
 *
 * @file Commands are imported when they run, so that `vitrine --help` loads nothing but what lists them.
 */
import { Command, CommanderError } from "commander";
import { VERSION } from "../version.js";
import { EXIT_USAGE, UsageError } from "../engine/errors.js";
import { fail, type GlobalOptions } from "./fail.js";
import { registerAblate } from "./register/ablate.js";
import { registerBench } from "./register/bench.js";
import { registerCaption } from "./register/caption.js";
import { registerDecompose } from "./register/decompose.js";
import { registerEval } from "./register/eval.js";
import { registerHeads } from "./register/heads.js";
import { registerInterpret } from "./register/interpret.js";
import { registerModels } from "./register/models.js";
import { registerNeurons } from "./register/neurons.js";
import { registerPatch } from "./register/patch.js";
import { registerProject } from "./register/project.js";
import { registerSample } from "./register/sample.js";
import { registerSegment } from "./register/segment.js";
import { registerServe } from "./register/serve.js";
import { registerTrain } from "./register/train.js";
import { registerWords } from "./register/words.js";
import { registerWorld } from "./register/world.js";

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

const COMMANDS = [
  registerDecompose,
  registerCaption,
  registerHeads,
  registerNeurons,
  registerSegment,
  registerAblate,
  registerInterpret,
  registerPatch,
  registerWords,
  registerSample,
  registerProject,
  registerEval,
  registerBench,
  registerWorld,
  registerTrain,
  registerModels,
  registerServe,
];
for (const register of COMMANDS) register(program);

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
  const names = program.commands.map((known) => known.name());
  // The first: `eval decompose` is about eval.
  const command = process.argv.find((word) => names.includes(word));
  const help = ["vitrine", ...(command === undefined ? [] : [command]), "--help"].join(" ");
  return new UsageError({ what: what.replace(/\.$/, ""), fix: `${guess}see \`${help}\`` });
}
