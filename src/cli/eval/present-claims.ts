/** Prints and writes what an evaluation found. */
import type { Claim } from "../../methods/claim.js";
import { VERSION } from "../../version.js";
import { printable } from "../terminal-text.js";
import { claimsText, writeClaims } from "./claims-output.js";

export interface Evaluated {
  readonly method: string;
  /** The model's reference, and what is to be said wherever it speaks. */
  readonly ref: string;
  readonly caveat: string | undefined;
  readonly seeds: readonly number[];
}

export interface PresentOptions {
  readonly quick?: true;
  readonly out?: string;
  readonly json?: true;
}

/** Throws `DiskFullError`, `FileUnwritableError`. */
export async function presentClaims(
  { method, ref, caveat: ofModel, seeds }: Evaluated,
  claims: readonly Claim[],
  { quick, out, json }: PresentOptions,
): Promise<void> {
  const ofSize = quick ? "A quick look: a tenth of the scenes, intervals accordingly wide." : undefined;
  const caveat = [ofModel, ofSize].filter((one) => one !== undefined).join(" ") || undefined;
  const document = { method, model: { ref, caveat }, seeds, version: VERSION, claims };
  const facts = { method, model: ref, caveat, seeds: seeds.join(", "), version: VERSION };
  const files = out === undefined ? [] : await writeClaims(out, facts, document, claims);
  if (json) {
    process.stdout.write(`${JSON.stringify({ ...document, files })}\n`);
    return;
  }
  const held = claims.filter(({ holds }) => holds).length;
  const head = `${printable(ref)} · ${method} · seeds ${facts.seeds}\n${caveat === undefined ? "" : `${caveat}\n`}`;
  const wrote =
    files.length === 0 ? "Add --out DIR for tables and a page." : `Wrote ${files.map(printable).join(", ")}.`;
  process.stdout.write(`${head}\n${claimsText(claims)}\n\n${held} of ${claims.length} claims hold here.\n${wrote}\n`);
}
