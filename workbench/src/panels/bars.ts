/** Bars: named values from 0. */
import { type Drawing, tenths, textRoom } from "./drawing.js";
import { escaped, type ValueRange } from "./library.js";
import { alike } from "./numbers.js";
import type { Table } from "./table.js";

export interface Bar {
  /** Tells bars apart. */
  readonly key: string;
  readonly label: string;
  readonly value: number;
  readonly interval?: ValueRange | undefined;
  /** What the value would be by chance: drawn in grey beside it. */
  readonly control?: number | undefined;
}

/** Largest first; bars without a number last. */
export const orderedBars = (bars: readonly Bar[]): readonly Bar[] =>
  [...bars].sort((a, b) => (Number.isNaN(a.value) ? 1 : Number.isNaN(b.value) ? -1 : b.value - a.value));

/** From 0 or below to 0 or above, with all that is drawn inside. Never empty. */
export function barAxis(bars: readonly Bar[]): ValueRange {
  const ends = bars
    .flatMap(({ value, interval, control }) => [value, interval?.min, interval?.max, control])
    .filter((end) => end !== undefined && Number.isFinite(end)) as number[];
  const [min, max] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return { min, max: max > min ? max : min + 1 };
}

/** Columns that no bar fills are left out. */
export function barTable(bars: readonly Bar[], labelName: string, valueName: string): Table {
  const intervals = bars.some(({ interval }) => interval !== undefined);
  const controls = bars.some(({ control }) => control !== undefined);
  const names = [labelName, valueName, ...(intervals ? ["low", "high"] : []), ...(controls ? ["control"] : [])];
  return {
    columns: names.map((name) => ({ name })),
    rows: bars.map(({ label, value, interval, control }) => [
      label,
      value,
      ...(intervals ? [interval?.min ?? null, interval?.max ?? null] : []),
      ...(controls ? [control ?? null] : []),
    ]),
  };
}

const ROW = 24;
const LONG = 320;
const BLUE = "#4a3fb5";
const INK = "#1b1e24";
const GREY = "#9aa0ab";

/** Bars as vectors, for export, in the order given. */
export function drawBars(bars: readonly Bar[], valueName: string): Drawing {
  const axis = barAxis(bars);
  const shown = alike(Math.max(Math.abs(axis.min), Math.abs(axis.max)));
  const left = textRoom(bars.map(({ label }) => label)) + 10;
  const x = (value: number): number => tenths(left + ((value - axis.min) / (axis.max - axis.min)) * LONG);
  const rect = (from: number, to: number, y: number, height: number, fill: string): string =>
    `<rect x="${Math.min(x(from), x(to))}" y="${y}" width="${tenths(Math.abs(x(to) - x(from)))}" height="${height}" fill="${fill}"/>`;
  const marks = bars.map(({ label, value, interval, control }, i) => {
    const y = i * ROW;
    const known = Number.isFinite(value);
    const ends = interval
      ? `<path d="M${x(interval.min)} ${y + 8}v8m0-4H${x(interval.max)}m0-4v8" fill="none" stroke="${INK}" stroke-width="1.5"/>`
      : "";
    return (
      `<text class="end" x="${left - 8}" y="${y + 16}">${escaped(label)}</text>` +
      (known ? rect(0, value, y + 5, control === undefined ? 14 : 10, BLUE) : "") +
      (control === undefined ? "" : rect(0, control, y + 15, 5, GREY)) +
      ends +
      `<text x="${left + LONG + 8}" y="${y + 16}">${shown(value)}</text>`
    );
  });
  const height = bars.length * ROW;
  const zero = `<path d="M${x(0)} 0V${height}" stroke="${INK}"/>`;
  const name = `<text class="soft" x="${left}" y="${height + 18}">${escaped(valueName)}</text>`;
  return { width: left + LONG + 60, height: height + 24, body: marks.join("") + zero + name };
}
