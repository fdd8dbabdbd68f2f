/** The parts of a heat figure: a panel with its names, and the bar that says what colours mean. */
import { colourIndex, colourTable, type DivergingMap } from "./colour-maps.js";
import { escaped, round } from "./svg.js";

export interface HeatPanel {
  readonly title: string;
  /** [rows,columns], row-major; NaN is grey. */
  readonly values: ArrayLike<number>;
}

export interface HeatAxes {
  /** Names of rows, from above, and of columns, from the left. Where there is no room for all, some are left out. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowAxis: string;
  readonly columnAxis: string;
}

/** Where the parts of every panel lie. */
export interface PanelLayout {
  readonly cell: { readonly width: number; readonly height: number };
  readonly grid: { readonly width: number; readonly height: number };
  /** Around the grid. */
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
  /** Whether names of columns are. */
  readonly slanted: boolean;
}

export interface HeatScale {
  readonly reach: number;
  readonly map: DivergingMap;
  /** Cells say their values when they are pointed at. */
  readonly told: boolean;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

/** Of a character of the small type, roughly: there is nobody to measure it. */
export const CHARACTER = 6.4;
/** Cells from this size on have their number written in them. */
const WRITTEN = { width: 34, height: 18 };
/** Room that a name needs along rows. */
const LINE = 13;

export const BAR = { width: 14, room: 96 };

/** One grid, with its title above and the names of its rows and columns. */
export function panelMarkup(
  { title, values }: HeatPanel,
  { x, y }: Place,
  axes: HeatAxes,
  layout: PanelLayout,
  scale: HeatScale,
): string {
  const { grid, left, top, bottom } = layout;
  const heading = `<text class="panel" x="0" y="-10">${escaped(title)}</text>`;
  const outline = `<rect class="outline" width="${grid.width}" height="${grid.height}"/>`;
  const rowAxis = turned(round(16 - left), grid.height / 2, axes.rowAxis);
  const columnAxis = `<text class="axis" x="${round(grid.width / 2)}" y="${round(grid.height + bottom - 4)}">${escaped(axes.columnAxis)}</text>`;
  const inside = [heading, ...cellsOf(values, axes, layout, scale), outline, ...namesOf(axes, layout)];
  return `<g transform="translate(${round(x + left)} ${round(y + top)})">${[...inside, rowAxis, columnAxis].join("\n")}</g>`;
}

function cellsOf(
  values: ArrayLike<number>,
  { rows, columns, rowAxis, columnAxis }: HeatAxes,
  { cell: { width, height } }: PanelLayout,
  { reach, map, told }: HeatScale,
): string[] {
  const write = width >= WRITTEN.width && height >= WRITTEN.height;
  return Array.from(values, (value, i) => {
    const [row, column] = [Math.floor(i / columns.length), i % columns.length];
    const [fill, ink] = colourOf(value, reach, map);
    const says = `${rowAxis} ${rows[row]!}, ${columnAxis} ${columns[column]!}: ${signed(value, decimalsOf(reach) + 2)}`;
    const tip = told ? `<title>${escaped(says)}</title>` : "";
    const place = `x="${column * width}" y="${row * height}" width="${width}" height="${height}"`;
    const box = `<rect class="cell" ${place} fill="${fill}">${tip}</rect>`;
    if (!write || Number.isNaN(value)) return box;
    const at = `x="${round((column + 0.5) * width)}" y="${round((row + 0.5) * height + 3.5)}"`;
    return `${box}<text class="number" ${at} fill="${ink}">${signed(value, decimalsOf(reach))}</text>`;
  });
}

function namesOf({ rows, columns }: HeatAxes, { cell, grid, slanted }: PanelLayout): string[] {
  const rowNames = everyNth(rows, LINE / cell.height).map(([name, i]) => {
    return `<text class="soft end" x="-7" y="${round((i + 0.5) * cell.height + 4)}">${escaped(name)}</text>`;
  });
  const needed = slanted ? LINE : longest(columns) * CHARACTER + 4;
  const columnNames = everyNth(columns, needed / cell.width).map(([name, i]) => {
    const x = round((i + 0.5) * cell.width);
    return slanted
      ? `<text class="soft end" transform="translate(${x + 4} ${grid.height + 12}) rotate(-45)">${escaped(name)}</text>`
      : `<text class="soft middle" x="${x}" y="${grid.height + 16}">${escaped(name)}</text>`;
  });
  return [...rowNames, ...columnNames];
}

/** Every so manieth name that there is room for: a step of at least `needed`, such as 1, 2, 5, 10, 20. */
function everyNth(names: readonly string[], needed: number): (readonly [name: string, index: number])[] {
  let step = 1;
  for (let power = 1; step < needed; power *= 10)
    step = [1, 2, 5].map((x) => x * power).find((x) => x >= needed) ?? step;
  return names.map((name, i) => [name, i] as const).filter(([, i]) => i % step === 0);
}

/** The map from above to below, with values at its ends, its middle and between. */
export function colourBar({ x, y }: Place, height: number, name: string, { reach, map }: HeatScale): string {
  const stops = Array.from({ length: 21 }, (_, i) => {
    return `<stop offset="${i / 20}" stop-color="${colourOf(reach * (1 - i / 10), reach, map)[0]}"/>`;
  });
  const ticks = [1, 0.5, 0, -0.5, -1].map((part) => {
    const at = round(((1 - part) / 2) * height);
    const text = signed(part * reach, decimalsOf(reach));
    return `<path class="tick" d="M${BAR.width} ${at}h4"/><text class="soft" x="${BAR.width + 8}" y="${at + 4}">${text}</text>`;
  });
  const gradient = `<linearGradient id="heat-scale" x1="0" y1="0" x2="0" y2="1">${stops.join("")}</linearGradient>`;
  const bar = `<rect class="outline" width="${BAR.width}" height="${height}" style="fill:url(#heat-scale)"/>`;
  const inside = [`<defs>${gradient}</defs>`, bar, ...ticks, turned(BAR.room - 8, height / 2, name)];
  return `<g transform="translate(${round(x)} ${round(y)})">${inside.join("")}</g>`;
}

/** Fill, and the colour of what can be read on it. */
function colourOf(value: number, reach: number, map: DivergingMap): readonly [fill: string, ink: string] {
  if (Number.isNaN(value)) return ["#808080", "#fff"];
  const at = 3 * colourIndex(map, 0.5 + value / (2 * reach));
  const levels = [...colourTable(map).subarray(at, at + 3)] as [number, number, number];
  // Rec. 601 luma.
  const luma = 0.299 * levels[0] + 0.587 * levels[1] + 0.114 * levels[2];
  return [`#${levels.map((level) => level.toString(16).padStart(2, "0")).join("")}`, luma > 140 ? "#1c2230" : "#fff"];
}

export const longest = (names: readonly string[]): number => Math.max(...names.map((name) => name.length));

/** Two digits of `reach`. */
const decimalsOf = (reach: number): number => Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(reach))));

function turned(x: number, y: number, text: string): string {
  return `<text class="axis" transform="translate(${x} ${round(y)}) rotate(-90)">${escaped(text)}</text>`;
}

/** No sign where nothing is left of the value. */
function signed(value: number, decimals: number): string {
  if (Number.isNaN(value)) return "not a number";
  const size = Math.abs(value).toFixed(decimals);
  return Number(size) === 0 ? "0" : `${value < 0 ? "−" : "+"}${size}`;
}
