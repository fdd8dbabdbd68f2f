/** `vitrine interpret topics|contrast`: where in a picture heads see a text, or one text rather than another. */
import { join } from "node:path";
import { UsageError } from "../../engine/errors.js";
import { encodePng } from "../../engine/media/encode.js";
import { overlayHeatmap } from "../../engine/media/heatmap.js";
import type { RgbImage } from "../../engine/media/image.js";
import { normaliseRows } from "../../engine/tensor/rows.js";
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import { makeFolder, writeWhole } from "../../engine/weights/atomic-file.js";
import { decompose } from "../../methods/decompose/decompose.js";
import { headName, signed } from "../../methods/decompose/report/numbers.js";
import { contrastMaps, type PatchMap, topicMap } from "../../methods/interpret/analyses.js";
import { loadClip } from "../../models/clip/load.js";
import type { Clip } from "../../models/clip/clip.js";
import { checkHeads, type HeadPlace } from "../../models/clip/head-place.js";
import { stemOf, uniqueSlugs } from "../decompose/results-folder.js";
import { caveatOf } from "../decompose/run.js";
import { batchesOf } from "../decompose/sources.js";
import { downloadProgress } from "../download-progress.js";
import { fileGallery, type Gallery } from "../interpret/gallery.js";
import { parseHead } from "../head-names.js";
import { refuseToOverwrite } from "../overwrite.js";
import { printable } from "../terminal-text.js";
import type { ModelOptions } from "./model-options.js";

export interface MapsOptions extends ModelOptions {
  readonly text: readonly string[];
  readonly head?: readonly string[];
  readonly out?: string;
  readonly frame?: number;
  readonly batch: number;
  readonly force?: true;
}

export interface ContrastOptions extends MapsOptions {
  readonly referenceBug?: true;
}

/** A map and what it is of. */
interface Told {
  readonly about: string;
  readonly heads: string;
  readonly map: PatchMap;
}

/** A map per picture, text and head; without heads, per picture and text over all of them. */
export async function runTopics(images: readonly string[], options: MapsOptions): Promise<void> {
  const heads = (options.head ?? []).map(parseHead);
  await runMaps(images, options, heads, "topics", (maps, picture, prefix) =>
    options.text.flatMap((about, text) => {
      if (heads.length === 0) return [{ about, heads: "all heads", map: topicMap(maps, { picture, text, prefix }) }];
      return heads.map((head) => ({
        about,
        heads: headName(head),
        map: topicMap(maps, { picture, text, prefix, heads: [head] }),
      }));
    }),
  );
}

/** One text against the other, over the chosen heads together, or all. Throws `UsageError` unless there are two texts. */
export async function runContrast(images: readonly string[], options: ContrastOptions): Promise<void> {
  const { text, referenceBug = false } = options;
  const heads = (options.head ?? []).map(parseHead);
  if (text.length !== 2) {
    const expected = "two, one against the other";
    throw new UsageError({
      what: "contrast takes two texts",
      got: String(text.length),
      expected,
      fix: "give --text twice",
    });
  }
  const [first, second] = text as [string, string];
  const names = referenceBug ? "the last head" : heads.length === 0 ? "all heads" : heads.map(headName).join(" + ");
  await runMaps(images, options, heads, "contrast", (maps, picture, prefix) => {
    const chosen = heads.length === 0 ? {} : { heads };
    const found = contrastMaps(maps, { picture, texts: [0, 1], prefix, referenceBug, ...chosen });
    const about = [`${first} – ${second}`, `${second} – ${first}`];
    return found.map((map, i) => ({ about: about[i]!, heads: names, map }));
  });
}

async function runMaps(
  images: readonly string[],
  options: MapsOptions,
  heads: readonly HeadPlace[],
  analysis: "topics" | "contrast",
  mapsOf: (textMaps: FloatTensor, picture: number, prefix: number) => Told[],
): Promise<void> {
  const { model, text, out, batch, force, json } = options;
  const empty = text.find((one) => one.trim() === "");
  if (empty !== undefined) throw new UsageError({ what: "an empty --text", expected: "words", fix: "fill it in" });
  await using clip = await loadClip(model, { ...options, ...downloadProgress() });
  if (heads.length > 0) checkHeads(clip, heads);
  await using gallery = fileGallery(clip, images, options);
  const texts = normaliseRows(await clip.encodeText(text));
  const slugs = uniqueSlugs(images.map(stemOf), "picture");
  const results: { name: string; maps: Told[]; files: string[] }[] = [];
  for await (const { start, pixels } of batchesOf(gallery, batch)) {
    const { text_maps } = await decompose(clip, pixels, { texts, batch });
    for (let row = 0; row < pixels.shape[0]!; row++) {
      const maps = mapsOf(text_maps!, row, clip.parts.vision.prefix);
      const picture = { gallery, index: start + row, slug: slugs[start + row]! };
      const files =
        out === undefined
          ? []
          : await drawMaps(out, clip, picture, analysis === "topics" ? maps : maps.slice(0, 1), force);
      results.push({ name: images[start + row]!, maps, files });
    }
  }
  const caveat = await caveatOf(clip);
  const { grid } = clip.parts.vision;
  if (json) {
    const pictures = results.map(({ name, maps }) => ({
      name,
      maps: maps.map(({ about, heads: names, map: { values, range } }) => ({
        about,
        heads: names,
        range,
        values: [...values],
      })),
    }));
    const files = results.flatMap((one) => one.files);
    const document = { model: { ref: clip.parts.ref, caveat }, analysis, grid, images: pictures, files };
    process.stdout.write(`${JSON.stringify(document)}\n`);
    return;
  }
  const blocks = results.map(({ name, maps, files }) => {
    const lines = maps.map((told) => `  ${printable(describe(told, grid))}`);
    const wrote = files.map((file) => `  Wrote ${printable(file)}.`);
    return ["", printable(name), ...lines, ...wrote, ""].join("\n");
  });
  const head = `${printable(clip.parts.ref)} · ${analysis} · ${grid} × ${grid} patches\n`;
  process.stdout.write(head + (caveat === undefined ? "" : `${caveat}\n`) + blocks.join(""));
}

/** Where it is strongest, in rows and columns counted from 1. */
function describe({ about, heads, map: { values } }: Told, grid: number): string {
  const sum = values.reduce((a, b) => a + b, 0);
  const at = values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
  const place = `row ${Math.floor(at / grid) + 1}, column ${(at % grid) + 1}`;
  return `${about} · ${heads}: patches add ${signed(sum)}, most (${signed(values[at]!)}) in ${place}`;
}

const LEAST_SIDE = 256;

async function drawMaps(
  out: string,
  clip: Clip,
  { gallery, index, slug }: { readonly gallery: Gallery; readonly index: number; readonly slug: string },
  maps: readonly Told[],
  force: true | undefined,
): Promise<string[]> {
  const { grid, imageSize } = clip.parts.vision;
  const seen: RgbImage = await gallery.picture(index, Math.max(LEAST_SIDE, imageSize));
  const names = uniqueSlugs(
    maps.map(({ about, heads }) => `${about} ${heads}`),
    "map",
  );
  const files = names.map((name) => join(out, `${slug}--${name}.png`));
  for (const file of files) refuseToOverwrite(file, force);
  await makeFolder(out);
  for (const [i, { map }] of maps.entries()) {
    const picture = overlayHeatmap(seen, map.values, grid, grid, { range: map.range });
    await writeWhole(files[i]!, await encodePng(picture));
  }
  return files;
}
