/** Many pictures on one page. */
import { type RgbImage, rgbImage } from "../engine/media/image.js";
import { clamp01 } from "./portable-math.js";

export interface SheetOptions {
  readonly columns: number;
  /** Free pixels below each picture, for words; the highest of a row counts. Default none. */
  readonly captions?: readonly number[];
}

export interface ContactSheet {
  readonly image: RgbImage;
  /** Where each picture's upper left corner lies. */
  readonly cells: readonly { readonly x: number; readonly y: number }[];
}

const PAGE = [252, 251, 248] as const;

/** Square pictures of one size, row by row on a light page, with rounded corners. Throws a RangeError for other pictures. */
export function contactSheet(pictures: readonly RgbImage[], { columns, captions = [] }: SheetOptions): ContactSheet {
  const size = pictures[0]?.width ?? 0;
  if (size === 0 || pictures.some(({ width, height }) => width !== size || height !== size)) {
    throw new RangeError("a contact sheet takes square pictures of one size");
  }
  const gap = Math.max(2, Math.round(size / 12));
  const used = Math.min(columns, pictures.length);
  const tops = [gap];
  for (let start = 0; start < pictures.length; start += used) {
    tops.push(tops.at(-1)! + size + Math.max(0, ...captions.slice(start, start + used)) + gap);
  }
  const [width, height] = [gap + used * (size + gap), tops.at(-1)!];
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < data.length; i++) data[i] = PAGE[i % 3]!;
  const cells = pictures.map((picture, i) => {
    const [x, y] = [gap + (i % used) * (size + gap), tops[Math.floor(i / used)]!];
    place(data, width, picture, x, y);
    return { x, y };
  });
  return { image: rgbImage(width, height, data), cells };
}

function place(data: Uint8Array, width: number, picture: RgbImage, left: number, top: number): void {
  const size = picture.width;
  const radius = size * 0.05;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const [from, to] = [3 * (y * size + x), 3 * ((top + y) * width + left + x)];
      const alpha = insideRounded(x + 0.5, y + 0.5, size, radius);
      for (let c = 0; c < 3; c++) {
        data[to + c] = PAGE[c]! + (picture.data[from + c]! - PAGE[c]!) * alpha + 0.5;
      }
    }
  }
}

/** How much of the pixel around (x, y) lies in a square with rounded corners. */
function insideRounded(x: number, y: number, size: number, radius: number): number {
  const dx = Math.max(radius - x, x - (size - radius), 0);
  const dy = Math.max(radius - y, y - (size - radius), 0);
  return clamp01(0.5 + radius - Math.sqrt(dx * dx + dy * dy));
}
