/** One search through pictures in the coordinates of heads: run, printed, drawn. */
import { existsSync } from "node:fs";
import { extname } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { encodePng } from "../../engine/media/encode.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import { type FloatTensor, floatTensor } from "../../engine/tensor/tensor.js";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { type Combine, type HeadRows, type HeadSpace, type Query } from "../../methods/decompose/head-space.js";
import { headName } from "../../methods/decompose/report/numbers.js";
import { nearestRows, type Neighbour, type Similarity } from "../../methods/decompose/retrieval.js";
import type { Clip } from "../../models/clip/clip.js";
import type { HeadPlace } from "../../models/clip/head-place.js";
import { contactSheet } from "../../worlds/contact-sheet.js";
import type { ModelOptions } from "../commands/model-options.js";
import { caveatOf } from "../decompose/run.js";
import { printable } from "../terminal-text.js";
import { headRowsOf } from "./decomposed.js";
import { fileGallery, type Gallery, type GalleryOptions } from "./gallery.js";

export interface SearchOptions extends ModelOptions, GalleryOptions {
  readonly similarity: Similarity;
  readonly combine: Combine;
  readonly top: number;
  readonly out?: string;
  readonly force?: true;
}

/** What is searched for. */
export interface Sought {
  readonly kind: "image" | "text";
  /** A path, or the text. */
  readonly value: string;
}

/** A picture where a file of this name is, or should be; else a text. */
export function soughtBy(value: string): Sought {
  if (value.trim() === "") throw new UsageError({ what: "an empty query", expected: "a picture or a text" });
  const named = /[/\\]/.test(value) || /^\.[a-z]{3,4}$/i.test(extname(value));
  return { kind: existsSync(value) || (named && !value.includes(" ")) ? "image" : "text", value };
}

/** Keeps of each batch what the space needs. */
export async function rowsOf(
  space: HeadSpace,
  batches: AsyncIterable<HeadRows> | Iterable<HeadRows>,
): Promise<FloatTensor> {
  const parts: FloatTensor[] = [];
  for await (const batch of batches) parts.push(space.rows(batch));
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  return floatTensor(data, [data.length / space.width, space.width]);
}

/** Throws what decoding the picture or encoding the text throws. */
export async function queryOf(
  clip: Clip,
  space: HeadSpace,
  { kind, value }: Sought,
  { frame, batch }: Pick<GalleryOptions, "frame" | "batch">,
): Promise<Query> {
  if (kind === "text") return space.textQuery(normaliseRows(await clip.encodeText([value])).data);
  await using picture = fileGallery(clip, [value], { batch, ...(frame === undefined ? {} : { frame }) });
  return space.imageQuery(await rowsOf(space, headRowsOf(clip, picture, 1)));
}

export interface Search {
  readonly clip: Clip;
  readonly gallery: Gallery;
  readonly sought: Sought;
  readonly heads: readonly HeadPlace[];
  /** Why these heads, in words; absent where they were named. */
  readonly because?: string;
  readonly query: Query;
  readonly rows: FloatTensor;
}

/** Prints the nearest pictures, and draws them where `--out` says. */
export async function showSearch(search: Search, options: SearchOptions): Promise<void> {
  const { clip, gallery, sought, heads, because, query, rows } = search;
  const { similarity, combine, top, out, json } = options;
  const found = nearestRows(query, rows, { similarity, top });
  if (out !== undefined) await drawSheet(out, search, found, options);
  const caveat = await caveatOf(clip);
  const neighbours = found.map(({ index, score }) => {
    const note = gallery.notes?.[index];
    return { name: gallery.names[index]!, score: Number(score.toPrecision(7)), ...(note !== undefined && { note }) };
  });
  if (json) {
    const model = { ref: clip.parts.ref, caveat };
    const files = out === undefined ? [] : [out];
    const document = {
      model,
      query: sought,
      heads,
      because,
      combine,
      similarity,
      among: gallery.about,
      neighbours,
      files,
    };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const names = heads.map(headName).join(", ");
  const several = heads.length > 1 ? ` (${combine === "each" ? "side by side" : "their mean"})` : "";
  const lines = neighbours.map(({ name, score, note }, i) => {
    const said = note === undefined ? "" : `   ${note}`;
    return `  ${String(i + 1).padStart(3)}  ${score.toFixed(4).padStart(8)}   ${printable(name + said)}`;
  });
  process.stdout.write(
    [
      `${printable(clip.parts.ref)} · ${names}${several} · ${similarity} · among ${gallery.about}`,
      ...(caveat === undefined ? [] : [caveat]),
      ...(because === undefined ? [] : [printable(because)]),
      "",
      `Nearest to ${sought.kind === "text" ? `“${printable(sought.value)}”` : printable(sought.value)}:`,
      ...lines,
      ...(out === undefined ? [] : ["", `Wrote ${printable(out)}.`]),
      "",
    ].join("\n"),
  );
}

const SHEET_SIDE = 128;
const SHEET_COLUMNS = 9;

/** The picture searched for comes first. */
async function drawSheet(
  out: string,
  { clip, gallery, sought }: Search,
  found: readonly Neighbour[],
  options: SearchOptions,
): Promise<void> {
  const pictures = [];
  if (sought.kind === "image") {
    await using own = fileGallery(clip, [sought.value], options);
    pictures.push(await own.picture(0, SHEET_SIDE));
  }
  for (const { index } of found) pictures.push(await gallery.picture(index, SHEET_SIDE));
  const { image } = contactSheet(pictures, { columns: SHEET_COLUMNS });
  await writeWhole(out, await encodePng(image));
}
