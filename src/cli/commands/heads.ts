/** `vitrine heads`: what each of the last layers' heads says of a set of pictures, in words. */
import { join } from "node:path";
import { headMaps, headRowLayout, lastLayers } from "../../methods/decompose/head-rows.js";
import { headSpans } from "../../methods/decompose/head-spans.js";
import { HeadStatistics } from "../../methods/decompose/head-statistics.js";
import { checkSpan } from "../../methods/decompose/text-span.js";
import { TopImages } from "../../methods/decompose/top-images.js";
import { labelHeads } from "../../methods/interpret/properties.js";
import { loadClip } from "../../models/clip/load.js";
import { caveatOf } from "../decompose/run.js";
import { downloadProgress } from "../download-progress.js";
import { type HeadIndex, indexPictures } from "../heads/head-index.js";
import { describedHeads, type HeadsRun, lastFirst } from "../heads/described-heads.js";
import { labelText, writeHeadFiles } from "../heads/head-files.js";
import { textPool } from "../heads/text-pool.js";
import { encodeLexicon, type LexiconOptions, readLexicon } from "../interpret/lexicon.js";
import { type PictureSetOptions, pictureSet } from "../pictures/picture-set.js";
import { skippedLines } from "../pictures/usable-source.js";
import { printable } from "../terminal-text.js";
import type { ModelOptions } from "./model-options.js";

export interface HeadsCommandOptions extends ModelOptions, PictureSetOptions, LexiconOptions {
  readonly count: number;
  readonly rank?: number;
  readonly layers: number;
  readonly top: number;
  readonly out?: string;
  readonly strict?: true;
  readonly force?: true;
}

/** Texts per head that its label is told by. */
const LABELLING = 5;
/** Texts per head that pictures are found for. */
const PICTURED = 3;

/** Throws `UsageError` for options or pictures that give no description, and what loading models and pictures throws. */
export async function runHeads(images: readonly string[], options: HeadsCommandOptions): Promise<void> {
  const { count, rank, top, out, batch, strict = false, force = false, json } = options;
  await using clip = await loadClip(options.model, { ...options, ...downloadProgress() });
  await using source = await pictureSet(clip, images, options);
  const pool = await textPool(clip, options.pool);
  const lexicon = await encodeLexicon(clip, await readLexicon(options));
  const layout = headRowLayout(clip, lastLayers(clip, options.layers));
  // Before hours of reading, not after.
  checkSpan({ rows: source.names.length, width: layout.features }, pool.directions, { count, rank });
  await using index = await indexPictures(clip, source, layout, { out, batch, strict, force });
  const maps = await headMaps(clip, layout);
  const statistics = await statisticsOf(index);
  const spans = await headSpans(clip, statistics, maps, pool.directions, { count, rank });
  const labelled = labelHeads(
    // By all descriptions of scenes most heads would be labelled with what most of these speak of.
    options.pool === undefined
      ? await headSpans(clip, statistics, maps, lexicon.features, { count: LABELLING })
      : spans,
    lexicon.texts,
    lexicon.assignments,
    LABELLING,
  );
  const topImages = new TopImages(layout, statistics.heads, maps, spans, { directions: PICTURED, count: top });
  for await (const { indices, rows } of index.batches()) topImages.add(rows, indices);

  const run: HeadsRun = {
    clip,
    caveat: await caveatOf(clip),
    pictures: source.title,
    read: statistics.count,
    index,
    pool,
  };
  const heads = describedHeads(run, spans, labelled, topImages.best);
  const files =
    out === undefined ? [] : [join(out, "heads.safetensors"), ...(await writeHeadFiles(out, run, source, heads))];
  if (json) {
    const { parts } = clip;
    const model = { ref: parts.ref, caveat: run.caveat };
    const pictures = { name: source.title, read: run.read, skipped: index.skipped, resumed: index.resumed };
    const document = { model, pictures, pool: { name: pool.name, texts: pool.texts.length }, heads, files };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  process.stdout.write(summary(run, heads, files));
}

async function statisticsOf(index: HeadIndex): Promise<HeadStatistics> {
  const statistics = new HeadStatistics(index.layout);
  for await (const { rows } of index.batches()) statistics.add(rows);
  return statistics;
}

const TEXTS_SHOWN = 5;

function summary(run: HeadsRun, heads: ReturnType<typeof describedHeads>, files: readonly string[]): string {
  const { clip, caveat, pictures, index, pool } = run;
  const lines = [
    `${printable(clip.parts.ref)} · ${printable(pictures)} · ${pool.texts.length} texts (${printable(pool.name)})`,
    ...(caveat === undefined ? [] : [caveat]),
    ...(index.resumed > 0 ? [`Took up an earlier run: ${index.resumed} pictures were there already.`] : []),
    ...skippedLines(index.skipped, index.names.length),
    "",
    "The texts that span what each head says, in order, with the variance explained so far; the last layer first:",
    ...lastFirst(heads).flatMap(({ layer, head, rank, label, texts }) => [
      "",
      `layer ${layer} head ${head}   ${label === undefined ? "" : `${printable(labelText(label))} · `}${rank} directions`,
      ...texts
        .slice(0, TEXTS_SHOWN)
        .map(({ text, explained }) => `  ${(100 * explained).toFixed(1).padStart(5)}%  ${printable(text)}`),
    ]),
    "",
    files.length === 0
      ? "Add --out DIR for the index, tables and a report."
      : `Wrote ${files.map(printable).join(", ")}.`,
  ];
  return `${lines.join("\n")}\n`;
}
