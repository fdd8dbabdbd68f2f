/** From values to colours: one scale per figure, the same in the picture, its legend and its exports. */
import { colourIndex, colourTable, type LibraryMap, type ValueRange } from "./library.js";

export type Rgb = readonly [number, number, number];

/** For values of one sign. */
export type SequentialMap = LibraryMap | "grey";

/** Signed values take a diverging map centred on 0, others a sequential one. */
export interface ColourScale extends ValueRange {
  readonly signed: boolean;
  /** The map of values that are not signed; left out, whoever draws them chooses. */
  readonly map?: SequentialMap | undefined;
}

/** Values that are not numbers. Mid grey: neither end of any map. */
export const NO_VALUE: Rgb = [128, 128, 128];

/**
 * After Crameri's "berlin": like blue to red, but dark in the middle, so that on a dark page what is near 0 recedes there
 * too. Evenly spaced.
 */
const BLUE_DARK_RED: readonly Rgb[] = [
  [158, 176, 255],
  [91, 164, 219],
  [45, 117, 151],
  [28, 68, 90],
  [28, 29, 33],
  [82, 34, 18],
  [138, 63, 42],
  [196, 117, 106],
  [255, 173, 173],
];

/** The scale of `values`; `domain` sets its ends. A signed scale is widened to be centred on 0. Never empty. */
export function colourScale(
  values: Iterable<number>,
  signed: boolean,
  domain?: ValueRange,
  map?: SequentialMap,
): ColourScale {
  const { min, max } = domain ?? valueRange(values);
  if (signed) {
    const reach = Math.max(Math.abs(min), Math.abs(max)) || 1;
    return { signed, min: -reach, max: reach };
  }
  return { signed, map, min, max: max > min ? max : min + 1 };
}

/** Least and greatest finite value; 0 to 0 where there is none. */
export function valueRange(values: Iterable<number>): ValueRange {
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min <= max ? { min, max } : { min: 0, max: 0 };
}

/** Where a value lies on its scale: 0 to 1, clamped. NaN stays NaN. */
export const positionOn = ({ min, max }: ValueRange, value: number): number =>
  Math.min(1, Math.max(0, (value - min) / (max - min)));

export function colourOf(scale: ColourScale, value: number, dark: boolean): Rgb {
  const t = positionOn(scale, value);
  if (Number.isNaN(t)) return NO_VALUE;
  if (scale.signed && dark) return between(BLUE_DARK_RED, t);
  const map = scale.signed ? "blue-red" : (scale.map ?? "viridis");
  if (map === "grey") return grey(t);
  const at = colourIndex(map, t) * 3;
  const table = colourTable(map);
  return [table[at]!, table[at + 1]!, table[at + 2]!];
}

/** Near white to near black, evenly in lightness, so that neither end is lost on its page. */
function grey(t: number): Rgb {
  const level = Math.round(240 - t * 215);
  return [level, level, level];
}

function between(stops: readonly Rgb[], t: number): Rgb {
  const at = t * (stops.length - 1);
  const first = Math.min(stops.length - 2, Math.floor(at));
  const part = at - first;
  const [a, b] = [stops[first]!, stops[first + 1]!];
  const mix = (c: 0 | 1 | 2): number => Math.round(a[c] + (b[c] - a[c]) * part);
  return [mix(0), mix(1), mix(2)];
}

/** `rgb(…)` for CSS, SVG and canvas. */
export const css = ([r, g, b]: Rgb): string => `rgb(${r},${g},${b})`;

/** The colour, black or white, in which text and marks on `ground` are read best (at least 4.5:1). */
export function inkOn(ground: Rgb): Rgb {
  // Black and white stand out equally where (l + 0.05)² = 0.05 · 1.05.
  return luminance(ground) > 0.179 ? [0, 0, 0] : [255, 255, 255];
}

/** Contrast of two colours after WCAG 2: 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

function luminance([r, g, b]: Rgb): number {
  const linear = (c: number): number => (c <= 10.31475 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}
