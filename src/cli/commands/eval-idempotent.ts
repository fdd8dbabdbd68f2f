/** `vitrine eval idempotent`: trains small generators and what they are compared with, and judges the paper's claims. */
import { join } from "node:path";
import { idempotentClaims } from "../../recipes/idempotent/evaluate/claims.js";
import { evaluationRuns } from "../../recipes/idempotent/evaluate/runs.js";
import { QUICK_STEPS, STEPS } from "../../recipes/idempotent/evaluate/settings.js";
import { VERSION } from "../../version.js";
import { claimsText, refuseEarlierClaims, writeClaims } from "../eval/claims-output.js";
import type { GlobalOptions } from "../fail.js";
import { printable } from "../terminal-text.js";

export interface EvalIdempotentOptions extends GlobalOptions {
  readonly seed: number;
  readonly seeds: number;
  readonly steps?: number;
  readonly quick?: true;
  readonly runs?: string;
  readonly out?: string;
  readonly force?: true;
}

/** Pictures and samples that figures are of. */
const COUNT = 500;
const QUICK_COUNT = 100;

/** Throws `OutputExistsError`, and what training throws. */
export async function runEvalIdempotent(options: EvalIdempotentOptions): Promise<void> {
  const { seed, seeds: count, quick = false, runs: folder, out, json } = options;
  const steps = options.steps ?? (quick ? QUICK_STEPS : STEPS);
  if (out !== undefined && options.force === undefined) refuseEarlierClaims(out);
  const seeds = Array.from({ length: count }, (_, i) => seed + i);
  const runs = await evaluationRuns({
    folder: folder ?? join("vitrine-out", "eval", "idempotent"),
    seeds,
    steps,
    count: quick ? QUICK_COUNT : COUNT,
    doing(what) {
      process.stderr.write(`${what}\n`);
    },
  });
  const claims = idempotentClaims(runs, steps);
  const caveat =
    `Small models of a small world, each trained for ${steps} steps: what is compared is how they are trained.` +
    (quick ? " A quick look: far too few steps to judge by." : "");
  const document = { method: "idempotent", caveat, seeds, steps, version: VERSION, claims };
  const facts = { method: "idempotent", model: "trained for this", caveat, seeds: seeds.join(", "), version: VERSION };
  const files = out === undefined ? [] : await writeClaims(out, facts, document, claims);
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...document, files })}\n`);
    return;
  }
  const held = claims.filter(({ holds }) => holds).length;
  const wrote =
    files.length === 0 ? "Add --out DIR for tables and a page." : `Wrote ${files.map(printable).join(", ")}.`;
  process.stdout.write(
    `idempotent · seeds ${facts.seeds}\n${caveat}\n\n${claimsText(claims)}\n\n${held} of ${claims.length} claims hold here.\n${wrote}\n`,
  );
}
