/** `vitrine words`: which words of a text, through which heads, make its representation what it is. */
import { UsageError } from "../../engine/errors.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { wordAttributions } from "../../methods/decompose/words.js";
import type { Clip } from "../../models/clip/clip.js";
import { loadClip } from "../../models/clip/load.js";
import { caveatOf, checkTexts } from "../decompose/run.js";
import { pictureSource } from "../decompose/sources.js";
import { downloadProgress } from "../download-progress.js";
import { refuseEarlierWords, writeWordFiles } from "../words/words-files.js";
import type { WordsRun } from "../words/words-run.js";
import { documentOf, wordsText } from "../words/words-text.js";
import type { ModelOptions } from "./model-options.js";

export interface WordsCommandOptions extends ModelOptions {
  readonly against?: readonly string[];
  readonly image?: string;
  readonly frame?: number;
  readonly top: number;
  readonly out?: string;
  readonly force?: true;
}

/** Throws `UsageError`, `OutputExistsError`, and what loading, decoding and decomposing throw. */
export async function runWords(texts: readonly string[], options: WordsCommandOptions): Promise<void> {
  const { against = [], image, top, out, force, json } = options;
  checkTexts(texts, "text");
  checkTexts(against, "--against");
  if (image !== undefined && against.length > 0) {
    throw new UsageError({
      what: "--image and --against at once",
      expected: "one or the other",
      fix: "leave one of them out",
    });
  }
  if (out !== undefined && force === undefined) refuseEarlierWords(out);
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  const run: WordsRun = {
    clip,
    caveat: await caveatOf(clip),
    texts,
    others:
      image !== undefined
        ? { kind: "image", names: [image] }
        : against.length > 0
          ? { kind: "text", names: against }
          : { kind: "own" },
    found: await wordAttributions(clip, texts, await directionsOf(clip, options)),
  };
  const files = out === undefined ? [] : await writeWordFiles(out, run);
  process.stdout.write(json ? `${JSON.stringify(documentOf(run, files))}\n` : wordsText(run, { top, files }));
}

async function directionsOf(
  clip: Clip,
  { image, against = [], frame }: WordsCommandOptions,
): Promise<FloatTensor | "own"> {
  if (image !== undefined) {
    await using source = pictureSource(clip, [image], { frame, few: 1 });
    return normaliseRows(await clip.encodeImage(await source.read(0, 1)));
  }
  return against.length > 0 ? normaliseRows(await clip.encodeText(against)) : "own";
}
