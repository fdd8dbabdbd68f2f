/** What the room shows, derived from the jobs' results. */
import type { ProjectedPicture } from "vitrine/jobs";
import { colourOf, type ColourScale } from "../../panels/colour.js";
import { type RgbImage, rgbImage } from "../../panels/library.js";
import type { Table } from "../../panels/table.js";
import type { Form } from "./paint.js";

interface Tensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** Base64 of bytes. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x3000) text += String.fromCharCode(...bytes.subarray(at, at + 0x3000));
  return btoa(text);
}

/** A picture of levels [S,S,C]. */
export function pictureOf(levels: Uint8Array, { size, channels }: Form): RgbImage {
  if (channels === 3) return rgbImage(size, size, levels);
  return rgbImage(
    size,
    size,
    Uint8Array.from({ length: 3 * levels.length }, (_, i) => levels[Math.floor(i / 3)]!),
  );
}

/** Levels [S,S,C] of picture `row` of a tensor [N,C,S,S] from -1 to 1, cut off beyond. */
export function levelsOf({ data }: Tensor, row: number, { size, channels }: Form): Uint8Array {
  const area = size * size;
  return Uint8Array.from({ length: channels * area }, (_, i) => {
    const value = data[(row * channels + (i % channels)) * area + Math.floor(i / channels)]!;
    return Math.round(127.5 * (Math.min(1, Math.max(-1, value)) + 1));
  });
}

export function picturesOf(tensor: Tensor, form: Form): RgbImage[] {
  return Array.from({ length: tensor.shape[0]! }, (_, row) => pictureOf(levelsOf(tensor, row, form), form));
}

/** A map [S,S] in the colours of a scale. */
export function mapPicture({ data, shape }: Tensor, scale: ColourScale): RgbImage {
  const [height, width] = shape as [number, number];
  const out = new Uint8Array(3 * width * height);
  for (let i = 0; i < width * height; i++) out.set(colourOf(scale, data[i]!, false), 3 * i);
  return rgbImage(width, height, out);
}

/** Each pixel, in each channel: what it was, what became of it, and how far it moved. */
export function pixelTable({ given, results, drift }: ProjectedPicture, { size, channels }: Form): Table {
  const area = size * size;
  const names = channels === 1 ? [[]] : [["red"], ["green"], ["blue"]];
  return {
    columns: ["row", "column", ...(channels === 1 ? [] : ["channel"]), "y", "f(y)", "f(f(y))", "|f(y) - y|"].map(
      (name) => ({ name }),
    ),
    rows: Array.from({ length: area * channels }, (_, i) => {
      const [pixel, channel] = [Math.floor(i / channels), i % channels];
      const at = channel * area + pixel;
      const moved = channels === 1 ? drift.data[pixel]! : Math.abs(results.data[at]! - given.data[at]!);
      return [
        Math.floor(pixel / size) + 1,
        (pixel % size) + 1,
        ...names[channel]!,
        given.data[at]!,
        results.data[at]!,
        results.data[channels * area + at]!,
        moved,
      ];
    }),
  };
}

/** How a figure of drift compares with what is known of the model's own world. */
export function judged(moved: number, known: { readonly median: number; readonly most: number } | undefined): string {
  if (known === undefined) return `f moves it by ${moved.toFixed(3)}.`;
  const where =
    moved <= known.most
      ? "as it moves pictures of its world"
      : moved <= 2 * known.most
        ? "more than 95% of the pictures of its world"
        : "far more than pictures of its world: it is foreign to the model";
  return `f moves it by ${moved.toFixed(3)}, ${where} (median ${known.median}, 95% at most ${known.most}).`;
}
