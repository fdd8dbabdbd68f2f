/** `vitrine segment`: which pixels of a picture speak for a text. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { contrasts, contrastsWith } from "../../methods/decompose/attribution.js";
import { headName, percent } from "../../methods/decompose/report/numbers.js";
import { seenPicture } from "../../methods/decompose/report/seen-picture.js";
import type { Alignment } from "../../methods/decompose/segmentation-mask.js";
import {
  scoreSegmentation,
  type SegmentationFigures,
  type SegmentationScore,
  SegmentationScores,
} from "../../methods/decompose/segmentation-metrics.js";
import { segmentation, segmentationHeat } from "../../methods/decompose/segmentation.js";
import { TEMPLATES, type TemplateSet } from "../../methods/decompose/templates.js";
import { zeroShotWeights } from "../../methods/decompose/zero-shot.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { loadClip } from "../../models/clip/load.js";
import { caveatOf, checkSource, checkTexts } from "../decompose/run.js";
import { batchesOf, pictureSource, pixelFileSource } from "../decompose/sources.js";
import { downloadProgress } from "../download-progress.js";
import { OutputExistsError } from "../errors.js";
import { countProgress } from "../progress.js";
import { checkMaskCount, readMask } from "../segment/mask-files.js";
import { SegmentFiles, SEGMENTATION } from "../segment/segment-files.js";
import { columnsOf, fitMiddle, padEnd, padStart, printable } from "../terminal-text.js";
import type { ModelOptions } from "./model-options.js";

export interface SegmentCommandOptions extends ModelOptions {
  readonly text?: readonly string[];
  readonly against?: readonly string[];
  readonly templates: TemplateSet;
  readonly head?: readonly HeadPlace[];
  readonly mask?: readonly string[];
  readonly alignment: Alignment;
  readonly threshold?: number;
  readonly out?: string;
  readonly pixels?: string;
  readonly batch: number;
  readonly frame?: number;
  readonly force?: true;
}

interface PictureResult {
  readonly name: string;
  readonly texts: readonly {
    readonly text: string;
    /** Of the map, which runs from 0 to 1: what the foreground exceeds. */
    readonly threshold: number;
    /** Share of the pixels that the model sees. */
    readonly foreground: number;
    /** With --mask. */
    readonly figures?: SegmentationFigures;
  }[];
}

/** Throws `UsageError`, `OutputExistsError`, and what loading, decoding and segmenting throw. */
export async function runSegment(images: readonly string[], options: SegmentCommandOptions): Promise<void> {
  const { text: texts = [], head, mask: masks = [], alignment, threshold, out, pixels, batch, frame, json } = options;
  checkArguments(images, options);
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  if (head !== undefined) checkHeads(clip, head);
  await using source =
    pixels === undefined ? pictureSource(clip, images, { frame, few: batch }) : await pixelFileSource(clip, pixels);
  const { names } = source;
  if (masks.length > 0) checkMaskCount(masks, names.length);
  const directions = await directionsOf(clip, options);
  await using files =
    out === undefined
      ? undefined
      : await SegmentFiles.create(out, clip.parts.vision, { pictures: names, texts, metadata: metadataOf(options) });

  const { grid, imageSize } = clip.parts.vision;
  const progress = countProgress(names.length, "pictures");
  const totals = texts.map(() => new SegmentationScores());
  const results: PictureResult[] = [];
  for await (const { start, pixels: seen } of batchesOf(source, batch)) {
    const heat = await segmentationHeat(clip, seen, directions, { batch, ...(head && { heads: head }) });
    for (let row = 0; row < seen.shape[0]!; row++) {
      const index = start + row;
      const ofPicture = heat.data.subarray(row * texts.length * grid * grid, (row + 1) * texts.length * grid * grid);
      const found = texts.map((_, t) =>
        segmentation(ofPicture.subarray(t * grid * grid, (t + 1) * grid * grid), clip.parts.vision, threshold),
      );
      const truth = masks[index] && (await readMask(masks[index], images[index], clip.parts, { alignment, frame }));
      const scores = truth ? found.map((one) => scoreSegmentation(one, truth)) : undefined;
      scores?.forEach((score, t) => {
        totals[t]!.add(score);
      });
      results.push({
        name: names[index]!,
        texts: found.map(({ foreground }, t) => ({
          text: texts[t]!,
          threshold: found[t]!.threshold,
          foreground: foreground.reduce((sum, one) => sum + one, 0) / imageSize ** 2,
          ...(scores && { figures: figuresOf(scores[t]!) }),
        })),
      });
      await files?.add(index, {
        seen: seenPicture(seen, row, clip.parts.preprocessing),
        heat: ofPicture,
        foregrounds: found.map(({ foreground }) => foreground),
      });
    }
    progress.update(start + seen.shape[0]!);
  }
  progress.clear();
  const written = (await files?.finish()) ?? [];
  const figures = masks.length === 0 ? undefined : totals.map((total) => total.figures());
  const caveat = await caveatOf(clip);
  if (json) {
    const { against = [], templates } = options;
    const model = { ref: clip.parts.ref, commit: clip.parts.source.commit, caveat, grid, imageSize };
    const over = figures?.map((figure, t) => ({ text: texts[t]!, ...figure }));
    const question = { texts, against, templates, ...(head && { heads: head }) };
    const scored = over && { alignment, figures: over };
    process.stdout.write(`${JSON.stringify({ model, ...question, images: results, ...scored, files: written })}\n`);
    return;
  }
  const heading = `${printable(clip.parts.ref)} · ${grid} × ${grid} patches · ${howOf(options)}\n`;
  process.stdout.write(heading + (caveat === undefined ? "" : `${caveat}\n`));
  for (const result of results) process.stdout.write(`\n${printable(result.name)}\n${linesOf(result)}`);
  if (figures && names.length > 1)
    process.stdout.write(`\nall ${names.length} pictures\n${totalLines(texts, figures)}`);
  const wrote = `Wrote ${SEGMENTATION}, heat maps and masks to ${printable(out ?? "")}.`;
  process.stdout.write(`\n${out === undefined ? "Add --out DIR for heat maps, masks and tensors." : wrote}\n`);
}

function checkArguments(images: readonly string[], options: SegmentCommandOptions): void {
  const { text: texts = [], against = [], pixels, out } = options;
  checkSource(images, pixels, "nothing to segment", 'vitrine segment cat.jpg --text "a cat" --against "a dog"');
  if (texts.length === 0) {
    const fix = 'name what to look for, as in `vitrine segment cat.jpg --text "a cat"`';
    throw new UsageError({ what: "nothing to look for", got: "no --text", expected: "at least one", fix });
  }
  checkTexts(texts);
  checkTexts(against, "--against");
  if (out === undefined || options.force !== undefined || !existsSync(join(out, SEGMENTATION))) return;
  const fix = "choose another --out, or pass --force to overwrite it";
  throw new OutputExistsError({
    what: "the results of an earlier run stand there",
    where: join(out, SEGMENTATION),
    fix,
  });
}

/** What each text is looked for by: against the texts of --against, or else against the other texts. */
async function directionsOf(
  clip: Clip,
  { text = [], against = [], templates }: SegmentCommandOptions,
): Promise<FloatTensor> {
  const of = (texts: readonly string[]): Promise<FloatTensor> => zeroShotWeights(clip, texts, TEMPLATES[templates]);
  return against.length === 0 ? contrasts(await of(text)) : contrastsWith(await of(text), await of(against));
}

function metadataOf({ model, templates, against = [], head }: SegmentCommandOptions): Record<string, string> {
  const heads = head === undefined ? "all" : head.map(headName).join(" ");
  return { model, templates, against: JSON.stringify(against), heads };
}

function howOf({ text = [], against = [], head }: SegmentCommandOptions): string {
  const heads = head === undefined ? "all heads" : head.map(headName).join(", ");
  if (against.length > 0) return `${heads}, against ${against.map((one) => `“${printable(one)}”`).join(", ")}`;
  if (text.length === 1) return `${heads}, against no other text`;
  return `${heads}, each text against the others`;
}

function figuresOf(score: SegmentationScore): SegmentationFigures {
  const scores = new SegmentationScores();
  scores.add(score);
  return scores.figures();
}

const TEXT_COLUMNS = 36;

function linesOf({ texts }: PictureResult): string {
  const width = textColumns(texts.map(({ text }) => text));
  const lines = texts.map(({ text, foreground, figures }) => {
    const share = `foreground ${padStart(percent(foreground), 6)}`;
    return `  ${cell(text, width)}   ${share}${figures === undefined ? "" : `   ${scoreLine(figures)}`}\n`;
  });
  return lines.join("");
}

function totalLines(texts: readonly string[], figures: readonly SegmentationFigures[]): string {
  const width = textColumns(texts);
  return texts.map((text, t) => `  ${cell(text, width)}   ${scoreLine(figures[t]!)}\n`).join("");
}

function scoreLine({ pixelAccuracy, meanIoU, meanAveragePrecision }: SegmentationFigures): string {
  return `pixels right ${percent(pixelAccuracy)}   mIoU ${percent(meanIoU)}   AP ${percent(meanAveragePrecision)}`;
}

const cell = (text: string, width: number): string => padEnd(fitMiddle(printable(text), width), width);

const textColumns = (texts: readonly string[]): number =>
  Math.min(TEXT_COLUMNS, Math.max(...texts.map((text) => columnsOf(printable(text)))));
