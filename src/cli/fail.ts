/** How errors leave the command line: one clear line, and an exit code. */
import { EXIT_FAILED, VitrineError } from "../engine/errors.js";
import { printable } from "./terminal-text.js";

/** Options that every command has. */
export interface GlobalOptions {
  readonly json?: true;
  readonly debug?: true;
}

/** Prints `error` to stderr (with `--json`, to stdout as a document) and returns the exit code. */
export function fail(error: unknown, { json, debug }: GlobalOptions): number {
  const known = error instanceof VitrineError;
  const message = error instanceof Error ? error.message : String(error);
  const code = known ? error.code : "internal";
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message } })}\n`);
  const hint = known ? `[${code}]` : "[internal: a fault in Vitrine; --debug shows where]";
  process.stderr.write(`vitrine: ${printable(message)} ${hint}\n`);
  if (debug && error instanceof Error) {
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
      process.stderr.write(`${cause.stack ?? ""}\n`);
  }
  return known ? error.exitCode : EXIT_FAILED;
}
