/** `vitrine decompose`: pictures in; out come scores, what made them, and files with all of it. */
import { join, relative } from "node:path";
import { TEMPLATES } from "../../methods/decompose/templates.js";
import { zeroShotWeights } from "../../methods/decompose/zero-shot.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import type { Clip } from "../../models/clip/clip.js";
import { loadClip } from "../../models/clip/load.js";
import { pictureResult, type PictureResult } from "../decompose/results.js";
import { ResultFiles } from "../decompose/result-files.js";
import { REPORT, ResultsFolder, TENSORS } from "../decompose/results-folder.js";
import { describeEdit, editedClip } from "../decompose/edited.js";
import {
  checkArguments,
  type DecomposeCommandOptions,
  caveatOf,
  OWN,
  provenanceOf,
  type Run,
} from "../decompose/run.js";
import { pictureSource, pixelFileSource } from "../decompose/sources.js";
import { decomposeAll } from "../decompose/stream.js";
import { Summary } from "../decompose/summary.js";
import { downloadProgress } from "../download-progress.js";
import { countProgress } from "../progress.js";
import { printable } from "../terminal-text.js";

export type { DecomposeCommandOptions };

/** Throws `UsageError`, `OutputExistsError`, and what loading, decoding and decomposing throw. */
export async function runDecompose(images: readonly string[], options: DecomposeCommandOptions): Promise<void> {
  const started = new Date();
  const { texts, like } = checkArguments(images, options);
  using folder = options.out === undefined ? undefined : new ResultsFolder(options.out, options.force ?? false);
  await using plain = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using clip = await editedClip(plain, options);
  await using source =
    options.pixels === undefined
      ? pictureSource(clip, images, { frame: options.frame, few: options.batch })
      : await pixelFileSource(clip, options.pixels);
  const edited = describeEdit(options);
  const run: Run = {
    clip,
    names: source.names,
    templates: options.templates,
    ...(await comparedWith(clip, texts, like, options)),
    full: options.full ?? false,
    top: options.top,
    caveat: await caveatOf(clip),
    ...(edited !== undefined && { edited }),
    started,
  };
  await using files = folder && (await ResultFiles.create(run, folder));

  const { names, directions, full, top } = run;
  const json = options.json ?? false;
  const summary = new Summary(names, run.texts, top);
  const progress = countProgress(names.length, "pictures");
  const results: PictureResult[] = [];
  let remainder = 0;
  for await (const batch of decomposeAll(clip, source, { directions, tokens: full, batch: options.batch })) {
    await files?.add(batch);
    remainder = Math.max(remainder, batch.remainder);
    progress.clear();
    if (!json && batch.start === 0) process.stdout.write(heading(run));
    for (const [row, findings] of batch.findings.entries()) {
      const index = batch.start + row;
      if (json) results.push(pictureResult(names[index]!, findings, run.texts, top));
      else process.stdout.write(summary.picture(index, findings));
    }
    progress.update(batch.start + batch.findings.length);
  }
  progress.clear();
  const written = (await files?.finish()) ?? [];
  if (json) printDocument(run, results, remainder, written);
  else process.stdout.write(closing(run, remainder, folder, written));
}

/** Texts, pictures that stand for texts, or, where a model has no texts and no picture is named, each picture itself. */
async function comparedWith(
  clip: Clip,
  texts: readonly string[],
  like: readonly string[],
  { templates, frame, batch }: DecomposeCommandOptions,
): Promise<Pick<Run, "texts" | "directions">> {
  if (texts.length + like.length === 0) {
    return clip.parts.text === undefined ? { texts: [OWN], directions: "own" } : { texts, directions: undefined };
  }
  const ofTexts = texts.length === 0 ? [] : [await zeroShotWeights(clip, texts, TEMPLATES[templates])];
  const ofPictures = like.length === 0 ? [] : [await featuresOf(clip, like, { frame, few: batch })];
  const data = [...ofTexts, ...ofPictures].flatMap((tensor) => [...tensor.data]);
  return {
    texts: [...texts, ...like],
    directions: floatTensor(Float32Array.from(data), [texts.length + like.length, clip.parts.vision.features]),
  };
}

/** Normalised features of pictures, [T,D]. */
async function featuresOf(
  clip: Clip,
  paths: readonly string[],
  options: Parameters<typeof pictureSource>[2],
): Promise<FloatTensor> {
  await using source = pictureSource(clip, paths, options);
  return normaliseRows(await clip.encodeImage(await source.read(0, paths.length)));
}

function heading({ clip, caveat, edited, texts }: Run): string {
  const { ref, vision } = clip.parts;
  const { layers, heads, grid } = vision;
  const compares = clip.parts.text !== undefined || texts.length > 1;
  const hasScale = clip.parts.weights.logitScale !== undefined || !compares;
  const model = `${printable(ref)} · ${layers} layers × ${heads} heads · ${grid} × ${grid} patches · ${clip.device}\n`;
  const notices = [
    caveat === undefined ? "" : `${caveat}\n`,
    edited === undefined ? "" : `The model is edited: ${edited}.\n`,
    vision.pooling === "class"
      ? ""
      : "Tokens are pooled by attention: heads and patches are those of the pool (layer 0), its MLP is a remainder.\n",
    hasScale ? "" : "It comes without a logit scale: cosines are exact, probabilities mean little.\n",
  ];
  return model + notices.join("");
}

function closing(
  { clip, texts }: Run,
  remainder: number,
  folder: ResultsFolder | undefined,
  written: readonly string[],
): string {
  const lines = ["", `Parts add up to the whole: largest difference ${remainder.toExponential(1)}.`];
  if (texts.length === 0) {
    lines.push('Add --text "a cat" --text "a dog" to see which heads, layers and patches speak for what.');
  } else if (texts[0] === OWN && clip.parts.text === undefined) {
    lines.push("Add --like PICTURE to see which heads, layers and patches make it like another picture.");
  }
  if (folder !== undefined) {
    const maps = written.filter((path) => path.endsWith(".png")).length;
    lines.push(
      `Wrote ${TENSORS}${maps > 0 ? ` and ${maps} heat map${maps > 1 ? "s" : ""}` : ""} to ${shown(folder.folder)}.`,
    );
    lines.push(`Open ${shown(join(folder.folder, REPORT))}.`);
  } else if (texts.length > 0) lines.push("Add --out DIR for heat maps, a report and all tensors.");
  return `${lines.join("\n")}\n`;
}

/** From the working folder where that is shorter. */
function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return printable(short.length < path.length ? short || "." : path);
}

/** One picture at a time: the document of a long run is longer than any one string can be. */
function printDocument(run: Run, images: readonly PictureResult[], remainder: number, files: readonly string[]): void {
  const { clip, texts, templates, caveat, edited } = run;
  const { ref, source, vision } = clip.parts;
  const { layers, heads, grid, tokens, features } = vision;
  const model = {
    ref,
    commit: source.commit,
    layout: source.layout,
    caveat,
    edited,
    layers,
    heads,
    grid,
    tokens,
    features,
  };
  const head = JSON.stringify({ model, texts, ...(texts.length > 0 && { templates }) });
  const tail = JSON.stringify({ remainder, files, provenance: provenanceOf(run) });
  process.stdout.write(`${head.slice(0, -1)},"images":[`);
  images.forEach((image, i) => process.stdout.write((i === 0 ? "" : ",") + JSON.stringify(image)));
  process.stdout.write(`],${tail.slice(1)}\n`);
}
