/** `vitrine patch`: which parts of a model carry the difference between two pictures. */
import { UsageError } from "../../engine/errors.js";
import type { TemplateSet } from "../../methods/decompose/templates.js";
import { patchGrid } from "../../methods/patching/patch-grid.js";
import { patchPlan, type PatchUnit } from "../../methods/patching/plan.js";
import { rankCells, recovery } from "../../methods/patching/recovery.js";
import { loadClip } from "../../models/clip/load.js";
import { caveatOf, checkTexts } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { countProgress } from "../progress.js";
import type { PatchRun } from "../patch/patch-run.js";
import { directionOf } from "../patch/direction.js";
import { refuseEarlierPatching, writePatchFiles } from "../patch/patch-files.js";
import { documentOf, patchText } from "../patch/patch-text.js";
import { type NamedPictures, patchPictures, type PatchPictureOptions } from "../patch/pictures.js";
import type { ModelOptions } from "./model-options.js";

export interface PatchCommandOptions extends ModelOptions, PatchPictureOptions {
  readonly text?: string;
  readonly against?: readonly string[];
  readonly templates: TemplateSet;
  readonly site: string;
  readonly by?: PatchUnit;
  readonly rows: "all" | "class";
  /** Over so many pairs of scenes. */
  readonly pairs?: number;
  readonly top: number;
  readonly batch: number;
  readonly out?: string;
  readonly force?: true;
}

/** Throws `UsageError`, `OutputExistsError`, and what loading, decoding and patching throw. */
export async function runPatch(images: readonly string[], options: PatchCommandOptions): Promise<void> {
  const { out, force, site, by, rows, batch, top, json, pairs } = options;
  if (pairs !== undefined) {
    const { runPatchPairs } = await import("../patch/pairs.js");
    await runPatchPairs(images, options);
    return;
  }
  checkQuestion(images, options);
  if (out !== undefined && force === undefined) refuseEarlierPatching(out);
  const started = performance.now();
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  const pictures = await patchPictures(clip, images, options);
  const question = questionOf(options, pictures);
  const direction = await directionOf(clip, question, options.templates);
  const cells = patchPlan(clip, { site, rows, ...(by && { by }) }).cells.length;
  const progress = countProgress(cells * (2 + pictures.controls.length), "patches");
  const onProgress = (done: number): void => {
    progress.update(done);
  };
  const grid = await patchGrid(clip, pictures, direction, { site, rows, batch, onProgress, ...(by && { by }) });
  progress.clear();
  const effects = recovery(grid);
  const run: PatchRun = {
    clip,
    caveat: await caveatOf(clip),
    question,
    templates: options.templates,
    pictures,
    grid,
    effects,
    ranked: rankCells(effects),
    seconds: (performance.now() - started) / 1000,
  };
  const files = out === undefined ? [] : await writePatchFiles(out, run);
  process.stdout.write(json ? `${JSON.stringify(documentOf(run, files))}\n` : patchText(run, { top, files }));
}

function checkQuestion(images: readonly string[], { text, against = [], pixels }: PatchCommandOptions): void {
  if (text !== undefined) checkTexts([text]);
  checkTexts(against, "--against");
  const asked = text !== undefined;
  if (asked || (images.length === 0 && pixels === undefined && against.length === 0)) return;
  throw new UsageError({
    what: "nothing to tell the pictures apart by",
    got: "no --text",
    expected: "a text that is true of the first picture",
    fix: 'say it, as in `vitrine patch cat.jpg dog.jpg --text "a cat" --against "a dog"`',
  });
}

/** Of scenes, the text and its opposite are known. */
function questionOf({ text, against = [] }: PatchCommandOptions, { texts }: NamedPictures): PatchRun["question"] {
  if (text !== undefined) return { text, against };
  const [one, other] = texts!;
  return { text: one, against: [other] };
}
