/** A picture under a map of its patches, and what can be said of the map: which patches show, and their outline. */
import { type ColourScale, positionOn } from "./colour.js";
import type { GridSize } from "./grid-cursor.js";
import { type LibraryMap, overlayHeatmap, type RgbImage, rgbImage, type Upsampling } from "./library.js";

/** How a map is laid over a picture. */
export interface HeatDisplay {
  /** Of the strongest values, 0 to 1; weaker ones let more of the picture through. */
  readonly opacity: number;
  /** Part of the scale's reach, 0 to 1, below which nothing is drawn. */
  readonly threshold: number;
  /** Whether the patches at or above the threshold are outlined. */
  readonly contour: boolean;
  readonly upsampling: Upsampling;
}

/** One of several maps. */
export interface PatchMapItem {
  readonly title: string;
  readonly picture: RgbImage;
  /** rows · columns, row by row. */
  readonly values: Float32Array;
  /** Stands beside the title: the head's whole contribution, say. */
  readonly note?: string | undefined;
}

export const HEAT_DISPLAY: HeatDisplay = { opacity: 0.8, threshold: 0, contour: false, upsampling: "nearest" };

/** Greys would not be told from the picture, which is almost grey itself. */
function mapOf({ signed, map = "inferno" }: ColourScale): LibraryMap | "blue-red" {
  return signed ? "blue-red" : map === "grey" ? "inferno" : map;
}

/** How strong a value is: 0 where the picture shows through, 1 at the ends of the scale. NaN stays NaN. */
export function strength(scale: ColourScale, value: number): number {
  const t = positionOn(scale, value);
  return scale.signed ? Math.abs(2 * t - 1) : t;
}

/** The picture with the map on it, enlarged `factor` times so that a map between few pixels looks smooth. */
export function heated(
  picture: RgbImage,
  values: Float32Array,
  { rows, columns }: GridSize,
  scale: ColourScale,
  { opacity, threshold, upsampling }: HeatDisplay,
  factor = 1,
): RgbImage {
  const least = scale.signed ? 0 : scale.min;
  // What is too weak is as good as nothing; NaN would spread to its neighbours between patches.
  const kept = values.map((value) => (strength(scale, value) >= threshold ? value : least));
  const range = { min: scale.min, max: scale.max };
  return overlayHeatmap(enlarged(picture, factor), kept, rows, columns, {
    map: mapOf(scale),
    range,
    opacity,
    upsampling,
  });
}

/** Every pixel `factor` times as wide and high. */
export function enlarged({ width, height, data }: RgbImage, factor: number): RgbImage {
  if (factor === 1) return rgbImage(width, height, data);
  const row = width * factor * 3;
  const out = new Uint8Array(row * height * factor);
  for (let y = 0; y < height; y++) {
    const start = y * factor * row;
    for (let x = 0; x < width * factor; x++) {
      const from = (y * width + Math.floor(x / factor)) * 3;
      out.set(data.subarray(from, from + 3), start + x * 3);
    }
    for (let i = 1; i < factor; i++) out.copyWithin(start + i * row, start, start + row);
  }
  return rgbImage(width * factor, height * factor, out);
}

const LEGEND_STEPS = 64;

/** Colours along the scale as they look on a mid-grey picture, for the legend. */
export function overlayColours(scale: ColourScale, display: HeatDisplay): (t: number) => string {
  const grey = rgbImage(LEGEND_STEPS + 1, 1, new Uint8Array((LEGEND_STEPS + 1) * 3).fill(128));
  const ramp = Float32Array.from({ length: LEGEND_STEPS + 1 }, (_, i) => {
    return scale.min + ((scale.max - scale.min) * i) / LEGEND_STEPS;
  });
  const bar = heated(grey, ramp, { rows: 1, columns: LEGEND_STEPS + 1 }, scale, { ...display, upsampling: "nearest" });
  return (t) => {
    const at = Math.round(t * LEGEND_STEPS) * 3;
    return `rgb(${bar.data[at]},${bar.data[at + 1]},${bar.data[at + 2]})`;
  };
}

/**
 * Outline of the patches at or above the threshold, as an SVG path in units of patches; of signed values, those above 0 and
 * those below are outlined apart. It follows the patches' edges: there is no telling where in a patch a value lies.
 */
export function contourPath(
  values: ArrayLike<number>,
  { rows, columns }: GridSize,
  scale: ColourScale,
  threshold: number,
): string {
  const sideOf = (row: number, column: number): number => {
    if (row < 0 || column < 0 || row >= rows || column >= columns) return 0;
    const value = values[row * columns + column]!;
    if (!(strength(scale, value) >= threshold)) return 0;
    return scale.signed && value < 0 ? -1 : 1;
  };
  const edges: string[] = [];
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const here = sideOf(row, column);
      if (column < columns && here !== sideOf(row - 1, column)) edges.push(`M${column} ${row}h1`);
      if (row < rows && here !== sideOf(row, column - 1)) edges.push(`M${column} ${row}v1`);
    }
  }
  return edges.join("");
}
