/**
 * Colour maps as tables of 256 RGB entries. All are colour-blind safe; the sequential ones are perceptually even (lightness
 * rises steadily); the diverging ones are ColorBrewer's, neutral in the middle.
 */
import {
  interpolateCividis,
  interpolateInferno,
  interpolateMagma,
  interpolatePlasma,
  interpolatePRGn,
  interpolateRdBu,
  interpolateViridis,
} from "d3-scale-chromatic";
import { UsageError } from "../errors.js";

export type SequentialMap = "viridis" | "magma" | "inferno" | "plasma" | "cividis";
/** The first colour is below zero, the second above. Both arms of a map are about equally dark (PuOr's, say, are not). */
export type DivergingMap = "blue-red" | "purple-green";
export type ColourMap = SequentialMap | DivergingMap;

export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

const SEQUENTIAL: Readonly<Record<SequentialMap, (t: number) => string>> = {
  viridis: interpolateViridis,
  magma: interpolateMagma,
  inferno: interpolateInferno,
  plasma: interpolatePlasma,
  cividis: interpolateCividis,
};

const DIVERGING: Readonly<Record<DivergingMap, (t: number) => string>> = {
  "blue-red": (t) => interpolateRdBu(1 - t),
  "purple-green": interpolatePRGn,
};

/** Entry of a diverging table that stands for the middle of its range; 127 entries lie on either side, entry 0 repeats 1. */
const NEUTRAL = 128;
/** Values that are not numbers are drawn in this grey. */
const NOT_A_NUMBER = 128;

const tables = new Map<ColourMap, Uint8Array>();

export function isDiverging(map: ColourMap): map is DivergingMap {
  return map in DIVERGING;
}

/** The map's 256 colours, 3 bytes each. Diverging maps have their neutral colour at entry 128. */
export function colourTable(map: ColourMap): Uint8Array {
  let table = tables.get(map);
  if (!table) {
    const at = isDiverging(map) ? divergingAt(DIVERGING[map]) : (i: number) => SEQUENTIAL[map](i / 255);
    table = Uint8Array.from(Array.from({ length: 256 }, (_, i) => parseColour(at(i))).flat());
    tables.set(map, table);
  }
  return table;
}

function divergingAt(colour: (t: number) => string): (i: number) => string {
  return (i) => colour(0.5 + Math.max(-1, (i - NEUTRAL) / 127) / 2);
}

/** Which entry of a map's table stands for `t` in 0..1 (clamped). */
export function colourIndex(map: ColourMap, t: number): number {
  const clamped = Math.min(1, Math.max(0, t));
  return isDiverging(map) ? NEUTRAL + Math.round((2 * clamped - 1) * 127) : Math.round(clamped * 255);
}

/**
 * RGB bytes, 3 for each value: `min` takes the map's first colour, `max` its last, values beyond are clamped and NaN is grey.
 * Throws UsageError unless `min` < `max`, both finite.
 */
export function colourise(values: Float32Array, map: ColourMap, range: ValueRange): Uint8Array {
  checkRange(range);
  const { min, max } = range;
  const table = colourTable(map);
  const out = new Uint8Array(values.length * 3);
  values.forEach((value, i) => {
    if (Number.isNaN(value)) out.fill(NOT_A_NUMBER, i * 3, i * 3 + 3);
    else out.set(entry(table, colourIndex(map, (value - min) / (max - min))), i * 3);
  });
  return out;
}

export function checkRange({ min, max }: ValueRange): void {
  if (Number.isFinite(min) && Number.isFinite(max) && min < max) return;
  throw new UsageError({ what: "unusable colour range", got: `${min} to ${max}`, expected: "finite min below max" });
}

function entry(table: Uint8Array, index: number): Uint8Array {
  return table.subarray(index * 3, index * 3 + 3);
}

/** d3 gives `#rrggbb` from some maps and `rgb(r, g, b)` from others. */
function parseColour(text: string): number[] {
  return text.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16))
    : (text.match(/\d+/g) ?? []).map(Number);
}
