/** Rows of paper, each cut along its upper edge and laid over the one behind: grass, waves, dunes. */
import type { Canvas } from "./canvas.js";
import type { Rgb } from "./vocabulary.js";

export interface Rows {
  readonly rows: number;
  /** How far an edge rises at most, as a fraction of the picture's side. */
  readonly reach: number;
  /** How far the row's edge rises at `x`, from 0 to `reach`. */
  readonly edge: (x: number, row: number) => number;
  readonly colour: (row: number) => Rgb;
  /** A light seam below each edge. */
  readonly crest: { readonly colour: Rgb; readonly depth: number; readonly strength: number };
}

export function paintRows({ size, data }: Canvas, { rows, reach, edge, colour, crest }: Rows): void {
  for (let row = 0; row < rows; row++) {
    const [red, green, blue] = colour(row);
    const base = row === 0 ? -1 : row / rows + reach * 0.5;
    // The next row covers what lies below its base.
    const end = row === rows - 1 ? size : Math.min(size, Math.floor(((row + 1) / rows + reach * 0.5) * size) + 1);
    for (let x = 0; x < size; x++) {
      const top = row === 0 ? base : (base - edge((x + 0.5) / size, row)) * size;
      for (let y = Math.max(0, Math.floor(top)); y < end; y++) {
        const alpha = Math.min(1, y + 1 - top);
        const seam = row === 0 ? 0 : crest.strength * Math.max(0, 1 - (y + 0.5 - top) / (crest.depth * size));
        const light = Math.min(crest.strength, seam);
        const at = 3 * (y * size + x);
        data[at] = data[at]! + (red + (crest.colour[0] - red) * light - data[at]!) * alpha;
        data[at + 1] = data[at + 1]! + (green + (crest.colour[1] - green) * light - data[at + 1]!) * alpha;
        data[at + 2] = data[at + 2]! + (blue + (crest.colour[2] - blue) * light - data[at + 2]!) * alpha;
      }
    }
  }
}
