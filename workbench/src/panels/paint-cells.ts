/** Draws the cells of a heat grid on a canvas: colour, number where it fits, hatching and marks. */
import { type ColourScale, colourOf, css, inkOn } from "./colour.js";
import { alike } from "./numbers.js";

export interface HeatCells {
  readonly columns: number;
  readonly values: ArrayLike<number>;
  readonly scale: ColourScale;
  readonly dark: boolean;
  /** Cells drawn with a dot in their corner. */
  readonly marked?: ReadonlySet<number> | undefined;
  /** Cells drawn hatched. */
  readonly disabled?: ReadonlySet<number> | undefined;
}

/** CSS pixels. */
export interface CellSize {
  readonly width: number;
  readonly height: number;
}

const NUMBER_SIZE = 11;
/** Height of a cell, and width beside the number, for cells that have their number written in them. */
const NUMBER_ROOM: CellSize = { width: 8, height: 22 };
/** Of more cells the numbers would be too small to read at once. */
const MOST_NUMBERS = 288;
const GAP = 1;
const HATCH = 6;

/** `context` is scaled to CSS pixels; the canvas is cleared. */
export function paintCells(context: CanvasRenderingContext2D, cells: HeatCells, size: CellSize): void {
  const { columns, values, scale, dark, marked, disabled } = cells;
  const shown = alike(Math.max(Math.abs(scale.min), Math.abs(scale.max)), 2);
  context.clearRect(0, 0, columns * size.width, Math.ceil(values.length / columns) * size.height);
  context.font = `${NUMBER_SIZE}px ${pageFont()}`;
  const numbers = size.height >= NUMBER_ROOM.height && size.width >= widest(context, values, shown) + NUMBER_ROOM.width;
  context.textAlign = "center";
  context.textBaseline = "middle";
  for (let cell = 0; cell < values.length; cell++) {
    const value = values[cell]!;
    const ground = colourOf(scale, value, dark);
    const x = (cell % columns) * size.width;
    const y = Math.floor(cell / columns) * size.height;
    const [width, height] = [size.width - GAP, size.height - GAP];
    context.fillStyle = css(ground);
    context.fillRect(x, y, width, height);
    context.strokeStyle = context.fillStyle = css(inkOn(ground));
    if (disabled?.has(cell)) hatch(context, x, y, width, height);
    else if (numbers) context.fillText(shown(value), x + width / 2, y + height / 2 + 0.5);
    if (marked?.has(cell)) dot(context, x + width - 5, y + 5);
  }
}

let font: string | undefined;

/** Asked for once: the browser brings all styles up to date for the answer. */
function pageFont(): string {
  font ??= getComputedStyle(document.body).fontFamily;
  return font;
}

function widest(
  context: CanvasRenderingContext2D,
  values: ArrayLike<number>,
  shown: (value: number) => string,
): number {
  if (values.length > MOST_NUMBERS) return Infinity;
  return Math.max(...Array.from(values, (value) => context.measureText(shown(value)).width));
}

function hatch(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.lineWidth = 1.25;
  context.beginPath();
  for (let at = HATCH / 2; at < width + height; at += HATCH) {
    context.moveTo(x + at, y);
    context.lineTo(x + at - height, y + height);
  }
  context.stroke();
  context.restore();
}

function dot(context: CanvasRenderingContext2D, x: number, y: number): void {
  context.beginPath();
  context.arc(x, y, 2.5, 0, 2 * Math.PI);
  context.fill();
}

/** Makes a canvas as fine as the screen; returns its context, scaled to CSS pixels. */
export function sharpContext(canvas: HTMLCanvasElement, { width, height }: CellSize): CanvasRenderingContext2D {
  const ratio = globalThis.devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  return context;
}
