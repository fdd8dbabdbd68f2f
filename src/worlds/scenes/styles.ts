/** How a finished picture is made to look. */
import { clamp01, hashUnit } from "../portable-math.js";
import type { Canvas } from "./canvas.js";
import type { Style } from "./vocabulary.js";

/** Changes the canvas in place; `seed` decides the noise. */
export function applyStyle(canvas: Canvas, style: Style, seed: number): void {
  APPLY[style](canvas, seed);
}

const APPLY: Readonly<Record<Style, (canvas: Canvas, seed: number) => void>> = {
  clean: () => undefined,
  noisy: addNoise,
  blurred: blur,
  sketch,
  pixelated: pixelate,
  dark: darken,
};

const NOISE = 56;

function addNoise({ data }: Canvas, seed: number): void {
  for (let i = 0; i < data.length; i++) {
    // Two uniform numbers out of one hash: their sum is closer to a bell.
    const both = hashUnit(i, 77, seed) * 4096;
    const first = Math.floor(both);
    data[i] = data[i]! + NOISE * (first / 4096 + (both - first) - 1);
  }
}

const BLUR_PASSES = 3;

/** Passes of a box, which come close to a bell. */
function blur({ size, data }: Canvas): void {
  const radius = Math.max(1, Math.floor(size / 64 + 0.5));
  const row = 3 * size;
  const line = new Float32Array(row);
  for (let pass = 0; pass < BLUR_PASSES; pass++) {
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) blurLine(data, i * row + c, 3, size, radius, line);
      for (let c = 0; c < 3; c++) blurLine(data, i * 3 + c, row, size, radius, line);
    }
  }
}

/** Averages along `count` numbers that lie `step` apart; the ends repeat. */
function blurLine(
  data: Float32Array,
  start: number,
  step: number,
  count: number,
  radius: number,
  line: Float32Array,
): void {
  for (let i = 0, at = start; i < count; i++, at += step) line[i] = data[at]!;
  const last = count - 1;
  let sum = line[0]! * (radius + 1);
  for (let i = 1; i <= radius; i++) sum += line[i]!;
  const share = 1 / (2 * radius + 1);
  for (let i = 0, at = start; i < count; i++, at += step) {
    data[at] = sum * share;
    const [entering, leaving] = [i + radius + 1, i - radius];
    sum += line[entering > last ? last : entering]! - line[leaving < 0 ? 0 : leaving]!;
  }
}

const PAPER_RED = 250;
const PAPER_GREEN = 248;
const PAPER_BLUE = 240;

/** Coloured pencil: strokes along edges, pale hatching between them. */
function sketch({ size, data }: Canvas): void {
  const spread = Math.max(1, Math.floor(size / 64));
  // Edges are measured against pixels to the right and below, which are as yet unchanged.
  for (let y = 0; y < size; y++) {
    const down = 3 * size * Math.min(spread, size - 1 - y);
    for (let x = 0; x < size; x++) {
      const at = 3 * (y * size + x);
      const right = 3 * Math.min(spread, size - 1 - x);
      const [red, green, blue] = [data[at]!, data[at + 1]!, data[at + 2]!];
      const edge =
        Math.abs(red - data[at + right]!) +
        Math.abs(red - data[at + down]!) +
        Math.abs(green - data[at + right + 1]!) +
        Math.abs(green - data[at + down + 1]!) +
        Math.abs(blue - data[at + right + 2]!) +
        Math.abs(blue - data[at + down + 2]!);
      const pencil = clamp01((edge - 70) / 260);
      const across = ((x + y) * 16) / size;
      const fill = Math.abs(across - Math.floor(across) - 0.5) < 0.25 ? 0.62 : 0.4;
      const share = fill * (1 - pencil);
      const kept = share + 0.62 * pencil;
      data[at] = PAPER_RED * (1 - share - pencil) + red * kept;
      data[at + 1] = PAPER_GREEN * (1 - share - pencil) + green * kept;
      data[at + 2] = PAPER_BLUE * (1 - share - pencil) + blue * kept;
    }
  }
}

function pixelate({ size, data }: Canvas): void {
  const block = Math.max(2, Math.floor(size / 20 + 0.5));
  for (let top = 0; top < size; top += block) {
    const bottom = Math.min(size, top + block);
    for (let left = 0; left < size; left += block) {
      const right = Math.min(size, left + block);
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[3 * (y * size + x) + c]!;
        const mean = sum / ((bottom - top) * (right - left));
        for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) data[3 * (y * size + x) + c] = mean;
      }
    }
  }
}

/** Little light, and less towards the corners. */
function darken({ size, data }: Canvas): void {
  for (let y = 0; y < size; y++) {
    const v = (y + 0.5) / size - 0.5;
    for (let x = 0; x < size; x++) {
      const u = (x + 0.5) / size - 0.5;
      const light = 0.56 - 0.54 * (u * u + v * v);
      const at = 3 * (y * size + x);
      for (let c = 0; c < 3; c++) data[at + c] = data[at + c]! * light;
    }
  }
}
