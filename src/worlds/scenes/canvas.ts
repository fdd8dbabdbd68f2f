/** Where a picture is painted: red, green and blue from 0 to 255, not yet rounded. */
import type { Rgb } from "./vocabulary.js";

export interface Canvas {
  readonly size: number;
  /** size · size · 3, row by row. */
  readonly data: Float32Array;
}

/** Lays `colour` over one pixel, as opaque as `alpha` says. */
export function blend({ data, size }: Canvas, x: number, y: number, colour: Rgb, alpha: number): void {
  const at = 3 * (y * size + x);
  data[at] = data[at]! + (colour[0] - data[at]!) * alpha;
  data[at + 1] = data[at + 1]! + (colour[1] - data[at + 1]!) * alpha;
  data[at + 2] = data[at + 2]! + (colour[2] - data[at + 2]!) * alpha;
}

/** A colour between two. */
export function mixed(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** Fills with a gradient from top to bottom. */
export function fillDown({ data, size }: Canvas, top: Rgb, bottom: Rgb): void {
  for (let y = 0; y < size; y++) {
    const [red, green, blue] = mixed(top, bottom, (y + 0.5) / size);
    for (let at = 3 * y * size; at < 3 * (y + 1) * size; at += 3) {
      data[at] = red;
      data[at + 1] = green;
      data[at + 2] = blue;
    }
  }
}
