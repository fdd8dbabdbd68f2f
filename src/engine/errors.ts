/**
 * The one error shape of the library: what went wrong, where, what was found, what was expected, what to do about it.
 *
 * @file Every error that a user can cause is a subclass of {@link VitrineError} with a stable code; `docs/errors/CODE.md`
 * explains each. Internal faults (broken invariants) are plain `Error`s whose message starts with "internal:".
 */

export interface ErrorFacts {
  /** What went wrong, as a short clause without a full stop. */
  readonly what: string;
  /** The file, site, option or tensor concerned. */
  readonly where?: string;
  readonly got?: string;
  readonly expected?: string;
  /** What the user can do, as an imperative clause. */
  readonly fix?: string;
  readonly cause?: unknown;
}

/** Process exit codes: the run failed, or the command was used wrongly. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

export abstract class VitrineError extends Error {
  /** Stable, kebab-case; the name of the page `docs/errors/CODE.md`. */
  abstract readonly code: string;
  /** What the command line exits with when this error ends it. */
  readonly exitCode: number = EXIT_FAILED;
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts) {
    super(sentence(facts), facts.cause === undefined ? undefined : { cause: facts.cause });
    this.facts = facts;
    this.name = new.target.name;
  }
}

/** The arguments of a command or function are unusable as given. */
export class UsageError extends VitrineError {
  readonly code: string = "usage";
  override readonly exitCode = EXIT_USAGE;
}

/** One line: `what: where: got G, expected E; fix`. */
function sentence({ what, where, got, expected, fix }: ErrorFacts): string {
  const found = [got === undefined ? "" : `got ${got}`, expected === undefined ? "" : `expected ${expected}`];
  const parts = [what, where ?? "", found.filter(Boolean).join(", ")].filter(Boolean).join(": ");
  const line = fix === undefined ? parts : `${parts}; ${fix}`;
  return line.replace(/\s*\n\s*/g, " ");
}
