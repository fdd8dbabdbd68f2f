/** Glyphs as rows of a data set without end. */
import type { PictureRows } from "../../engine/media/picture-rows.js";
import { floatTensor } from "../../engine/tensor/tensor.js";
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

/** The rows of a seed as pictures without end, for whatever takes pictures by number. Throws as {@link glyphRows} does. */
export function glyphPictures({
  seed,
  size,
  classes = GLYPH_CLASSES,
}: Omit<GlyphRowsOptions, "first" | "count">): PictureRows {
  // Refused now, and not when the first picture is asked for.
  glyphRows({ seed, first: 0, count: 1, size, classes });
  return {
    description: `glyphs of seed ${seed}, ${size} × ${size}: ${classes.join(" ")}`,
    identity: JSON.stringify(["glyphs", seed, size, classes]),
    count: Infinity,
    channels: 1,
    size,
    classes,
    rows: (numbers) => {
      const batches = Array.from(numbers, (first) => glyphRows({ seed, first, count: 1, size, classes }));
      const pixels = new Float32Array(batches.length * size * size);
      batches.forEach((batch, i) => {
        pixels.set(batch.pixels, i * size * size);
      });
      return {
        pixels: floatTensor(pixels, [batches.length, 1, size, size]),
        labels: Int32Array.from(batches, ({ labels }) => labels[0]!),
      };
    },
  };
}
