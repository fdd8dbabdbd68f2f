/** `vitrine world`: a look at a procedural world. */
import { UsageError } from "../../engine/errors.js";
import { encodePng } from "../../engine/media/encode.js";
import { rgbImage } from "../../engine/media/image.js";
import { loadSharp } from "../../engine/media/sharp.js";
import { Random } from "../../engine/tensor/random.js";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { type ContactSheet, contactSheet } from "../../worlds/contact-sheet.js";
import {
  caption,
  fullCaption,
  renderScene,
  runLengths,
  sampleScene,
  type Scene,
  sceneTruth,
} from "../../worlds/scenes/index.js";
import type { GlobalOptions } from "../fail.js";
import { refuseToOverwrite } from "../overwrite.js";
import { printable } from "../terminal-text.js";

export interface WorldOptions extends GlobalOptions {
  readonly out?: string;
  readonly count: number;
  readonly columns: number;
  readonly size: number;
  readonly seed: number;
  readonly spurious?: number;
  readonly captions?: true;
  readonly force?: true;
}

/** Scenes of a sheet, each with the words for it. */
interface Told {
  readonly scene: Scene;
  readonly text: string;
}

/** How much the descriptions on a sheet say. */
const DETAIL = 0.7;
/** From line to line, in heights of letters. */
const LEADING = 1.25;

/** Throws `UsageError` for an unknown world, `OutputExistsError`, `DiskFullError`, `FileUnwritableError`. */
export async function runWorld(name: string, options: WorldOptions): Promise<void> {
  const { out, count, size, seed, json } = options;
  if (name !== "scenes") throw new UsageError({ what: "no such world", got: `"${name}"`, expected: "scenes" });
  if (out === undefined && !json) {
    throw new UsageError({ what: "nothing to do", fix: "pass --out FILE for a contact sheet, or --json" });
  }
  if (out !== undefined) refuseToOverwrite(out, options.force);
  const told = tell(options);
  if (out !== undefined) await writeSheet(out, told, options);
  if (json) printJson(told, options);
  else process.stdout.write(`Wrote ${count} pictures of ${size} × ${size} (seed ${seed}) to ${printable(out!)}.\n`);
}

function tell({ count, seed, spurious }: WorldOptions): Told[] {
  const [random, words] = [new Random(seed), new Random(seed)];
  return Array.from({ length: count }, () => {
    const scene = sampleScene(random, spurious === undefined ? {} : { spurious: { rate: spurious } });
    return { scene, text: caption(scene, words, { detail: DETAIL }) };
  });
}

async function writeSheet(
  out: string,
  told: readonly Told[],
  { columns, size, captions }: WorldOptions,
): Promise<void> {
  const lettering = captions ? letter(told, size) : undefined;
  const pictures = told.map(({ scene }) => renderScene(scene, size));
  const sheet = contactSheet(pictures, { columns, captions: lettering?.heights ?? [] });
  const image = lettering === undefined ? sheet.image : await withWords(sheet, lettering, size);
  await writeWhole(out, await encodePng(image));
}

/** Captions cut into lines that fit below a picture. */
interface Lettering {
  readonly lines: readonly (readonly string[])[];
  readonly font: number;
  /** Pixels that each caption takes. */
  readonly heights: readonly number[];
}

function letter(told: readonly Told[], size: number): Lettering {
  const font = Math.max(8, Math.round(size / 12));
  // Letters of sans-serif fonts are about half as wide as high.
  const fitting = Math.max(8, Math.floor(size / (0.53 * font)));
  const lines = told.map(({ text }) => wrapped(text, fitting));
  return { lines, font, heights: lines.map(({ length }) => Math.ceil((LEADING * length + 0.5) * font)) };
}

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

async function withWords(
  { image: { width, height, data }, cells }: ContactSheet,
  { lines, font }: Lettering,
  size: number,
): Promise<ContactSheet["image"]> {
  const texts = cells.flatMap(({ x, y }, i) =>
    // Captions consist of letters and spaces: nothing to escape.
    lines[i]!.map((line, row) => `<text x="${x}" y="${y + size + LEADING * font * (row + 1)}">${line}</text>`),
  );
  const style = `font-family="Helvetica, Arial, sans-serif" font-size="${font}" fill="#33373f"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${style}>${texts.join("")}</svg>`;
  const sharp = await loadSharp();
  const page = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  const lettered = page.composite([{ input: Buffer.from(svg), limitInputPixels: false }]).removeAlpha();
  return rgbImage(width, height, new Uint8Array(await lettered.raw().toBuffer()));
}

/** One picture at a time; masks as run lengths. */
function printJson(told: readonly Told[], { seed, size, spurious, out }: WorldOptions): void {
  const head = JSON.stringify({ world: "scenes", seed, size, ...(spurious !== undefined && { spurious }) });
  process.stdout.write(`${head.slice(0, -1)},"scenes":[`);
  told.forEach(({ scene, text }, i) => {
    const { objects, ...truth } = sceneTruth(scene, size);
    const masked = objects.map(({ mask, ...object }) => ({ ...object, mask: runLengths(mask) }));
    const entry = { scene, caption: text, full_caption: fullCaption(scene), truth: { ...truth, objects: masked } };
    process.stdout.write((i === 0 ? "" : ",") + JSON.stringify(entry));
  });
  process.stdout.write(`],"files":${JSON.stringify(out === undefined ? [] : [out])}}\n`);
}
