import { UsageError } from "../errors.js";
import { checkRange, colourIndex, type ColourMap, colourTable, isDiverging, type ValueRange } from "./colour-maps.js";
import { type RgbImage, rgbImage } from "./image.js";
import { checkGrid, upsample, type Upsampling } from "./upsample.js";

export interface HeatmapOptions {
  /** "blue-red" where a value is negative, else "inferno". */
  readonly map?: ColourMap;
  /** Values at the map's ends; from the values unless given. A diverging map widens it to be centred on 0. */
  readonly range?: ValueRange;
  /** Opacity of the strongest values, 0 to 1; 0.8 unless given. */
  readonly opacity?: number;
  /** Whether weak values let the photo through (the default) or all values are equally opaque. */
  readonly fade?: "by-strength" | "constant";
  readonly upsampling?: Upsampling;
}

/** How much of the photo's colour is kept under the map, so that colour on the picture mostly means the map's. */
const PHOTO_SATURATION = 0.22;
/** The photo's levels are drawn into this range, so that the map's colours also show on its blackest parts. */
const PHOTO_BLACK = 36;
const PHOTO_WHITE = 245;
/** Diverging maps end almost black, which reads as shadow on a photo: only this part of each arm is used. */
const DIVERGING_REACH = 0.82;
/** Under 1 the middle strengths show sooner; at 1 only the very strongest patches would be seen. */
const FADE_EXPONENT = 0.85;

/**
 * Lays a map [gridH,gridW], row-major, over a photo of the same field of view. Throws UsageError when the values do not fill
 * the grid, or an option is unusable.
 */
export function overlayHeatmap(
  image: RgbImage,
  values: Float32Array,
  gridH: number,
  gridW: number,
  options: HeatmapOptions = {},
): RgbImage {
  const { opacity = 0.8, fade = "by-strength", upsampling = "bilinear" } = options;
  if (!(opacity >= 0 && opacity <= 1)) {
    throw new UsageError({ what: "unusable opacity", got: String(opacity), expected: "a number from 0 to 1" });
  }
  checkGrid(values, { height: gridH, width: gridW });
  const map = options.map ?? (values.some((v) => v < 0) ? "blue-red" : "inferno");
  const { min, max } = drawnRange(values, map, options.range);
  const fine = upsample(values, { height: gridH, width: gridW }, image, upsampling);
  const table = colourTable(map);
  const out = new Uint8Array(image.data.length);
  fine.forEach((value, i) => {
    const t = Math.min(1, Math.max(0, (value - min) / (max - min)));
    const strength = isDiverging(map) ? Math.abs(2 * t - 1) : t;
    const shade = isDiverging(map) ? 0.5 + (t - 0.5) * DIVERGING_REACH : t;
    // A value that is not a number shows the bare photo.
    const alpha = Number.isNaN(value) ? 0 : opacity * (fade === "constant" ? 1 : strength ** FADE_EXPONENT);
    blendPixel(out, image.data, i * 3, table, colourIndex(map, Number.isNaN(shade) ? 0 : shade) * 3, alpha);
  });
  return rgbImage(image.width, image.height, out);
}

/** The range at the map's ends, never empty. */
function drawnRange(values: Float32Array, map: ColourMap, given: ValueRange | undefined): ValueRange {
  if (given) checkRange(given);
  const finite = values.filter((v) => Number.isFinite(v));
  const low = given?.min ?? finite.reduce((a, b) => Math.min(a, b), Infinity);
  const high = given?.max ?? finite.reduce((a, b) => Math.max(a, b), -Infinity);
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (isDiverging(map))
    return Number.isFinite(largest) && largest > 0 ? { min: -largest, max: largest } : { min: -1, max: 1 };
  return low < high
    ? { min: low, max: high }
    : { min: Number.isFinite(low) ? low : 0, max: Number.isFinite(low) ? low + 1 : 1 };
}

function blendPixel(
  out: Uint8Array,
  photo: Uint8Array,
  at: number,
  table: Uint8Array,
  colour: number,
  alpha: number,
): void {
  // Rec. 601 luma, as Pillow's grey.
  const luma = 0.299 * photo[at]! + 0.587 * photo[at + 1]! + 0.114 * photo[at + 2]!;
  for (let c = 0; c < 3; c++) {
    const grey = luma + (photo[at + c]! - luma) * PHOTO_SATURATION;
    const muted = PHOTO_BLACK + (grey / 255) * (PHOTO_WHITE - PHOTO_BLACK);
    out[at + c] = Math.round(muted + (table[colour + c]! - muted) * alpha);
  }
}
