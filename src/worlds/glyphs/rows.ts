/** Glyphs as rows of a data set without end. */
import { checkSize, drawInto } from "./draw.js";
import { glyphAt, type GlyphOptions } from "./sample.js";
import { GLYPH_CLASSES } from "./skeletons/table.js";

export interface GlyphRowsOptions extends GlyphOptions {
  readonly seed: number;
  /** Number of the first row. */
  readonly first: number;
  readonly count: number;
  /** Side of the pictures, in pixels. */
  readonly size: number;
}

export interface GlyphRows {
  /** [count, 1, size, size], from -1 (no ink) to 1, as in MNIST. */
  readonly pixels: Float32Array;
  /** [count]: places in `classes`. */
  readonly labels: Int32Array;
}

/**
 * Rows `first` to `first + count - 1` of the seed. A row is the same whichever others are asked for. Throws
 * `UsageError` for a size that is no whole number from 8 to 4096, and for classes that there are not.
 */
export function glyphRows({ seed, first, count, size, classes = GLYPH_CLASSES }: GlyphRowsOptions): GlyphRows {
  checkSize(size);
  const places = new Map(classes.map((name, place) => [name, place]));
  const pixels = new Float32Array(count * size * size);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const glyph = glyphAt(seed, first + i, { classes });
    drawInto(glyph, size, pixels.subarray(i * size * size, (i + 1) * size * size));
    labels[i] = places.get(glyph.class)!;
  }
  return { pixels, labels };
}
