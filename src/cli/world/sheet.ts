/** Writes a contact sheet, with words below the pictures if wanted. */
import { encodePng } from "../../engine/media/encode.js";
import { rgbImage } from "../../engine/media/image.js";
import { loadSharp } from "../../engine/media/sharp.js";
import { writeWhole } from "../../engine/weights/atomic-file.js";
import { type ContactSheet, contactSheet } from "../../worlds/contact-sheet.js";
import type { Drawn } from "./drawn.js";

export interface SheetLayout {
  readonly columns: number;
  readonly size: number;
  readonly captions?: true;
}

/** From line to line, in heights of letters. */
const LEADING = 1.25;

/** Throws `DiskFullError`, `FileUnwritableError`. */
export async function writeSheet(
  out: string,
  drawn: readonly Drawn[],
  { columns, size, captions }: SheetLayout,
): Promise<void> {
  const lettering = captions ? letter(drawn, size) : undefined;
  const pictures = drawn.map(({ picture }) => picture(size));
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

function letter(drawn: readonly Drawn[], size: number): Lettering {
  const font = Math.max(8, Math.round(size / 12));
  // Letters of sans-serif fonts are about half as wide as high.
  const fitting = Math.max(8, Math.floor(size / (0.53 * font)));
  const lines = drawn.map(({ text }) => wrapped(text, fitting));
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
    // Captions consist of letters, digits, commas and spaces: nothing to escape.
    lines[i]!.map((line, row) => `<text x="${x}" y="${y + size + LEADING * font * (row + 1)}">${line}</text>`),
  );
  const style = `font-family="Helvetica, Arial, sans-serif" font-size="${font}" fill="#33373f"`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ${style}>${texts.join("")}</svg>`;
  const sharp = await loadSharp();
  const page = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  const lettered = page.composite([{ input: Buffer.from(svg), limitInputPixels: false }]).removeAlpha();
  return rgbImage(width, height, new Uint8Array(await lettered.raw().toBuffer()));
}
