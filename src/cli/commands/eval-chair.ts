/** `vitrine eval chair`: how much captions hallucinate, by the objects they name. */
import { chair } from "../../methods/captions/chair.js";
import type { ChairMode } from "../../methods/captions/singular.js";
import { readCaptions, readSynonyms, readTruth } from "../captions/chair-files.js";

export interface EvalChairOptions {
  readonly captions: string;
  readonly truth: string;
  readonly synonyms: string;
  readonly mode: ChairMode;
  readonly json?: true;
}

/** Throws `UsageError` for files that are not as they should be, `FileMissingError` and `FileUnreadableError`. */
export async function runEvalChair(options: EvalChairOptions): Promise<void> {
  const { mode, json } = options;
  const [captions, truth, synonyms] = await Promise.all([
    readCaptions(options.captions),
    readTruth(options.truth),
    readSynonyms(options.synonyms),
  ]);
  const { chairS, chairI, recall, counts } = chair(captions, truth, synonyms, mode);
  if (json) {
    const figures = { chair_s: chairS ?? null, chair_i: chairI ?? null, recall: recall ?? null };
    process.stdout.write(`${JSON.stringify({ ...figures, counts, mode })}\n`);
    return;
  }
  const rows = [
    ["CHAIRs", chairS, `${counts.hallucinated_captions} of ${counts.captions} captions name what is not there`],
    ["CHAIRi", chairI, `${counts.hallucinated_mentions} of ${counts.mentions} mentions of objects`],
    ["recall", recall, `${counts.recalled_objects} of ${counts.objects} objects are named`],
  ] as const;
  for (const [name, value, note] of rows) {
    const shown = value === undefined ? "–" : `${value.toFixed(2)}%`;
    process.stdout.write(`  ${name.padEnd(8)}${shown.padStart(8)}   ${note}\n`);
  }
  process.stdout.write(
    mode === "strict"
      ? "Mode strict: with the mistakes of the published figures (a bus is never found); --mode fixed has none that is known.\n"
      : "Mode fixed: not comparable with published figures, which are of --mode strict.\n",
  );
}
