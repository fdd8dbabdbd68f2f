/** What lies behind the objects. */
import { cosine, hashUnit, sine } from "../portable-math.js";
import { blend, type Canvas, fillDown, mixed } from "./canvas.js";
import { paintRows } from "./rows.js";
import type { Background, Rgb } from "./vocabulary.js";

/** Paints all of the canvas; `seed` decides what varies. */
export function paintBackground(canvas: Canvas, background: Background, seed: number): void {
  PAINTERS[background](canvas, seed);
}

const PAINTERS: Readonly<Record<Background, (canvas: Canvas, seed: number) => void>> = {
  plain,
  sky,
  grass,
  sea,
  sand,
  night,
  brick,
  checker,
};

function plain(canvas: Canvas, seed: number): void {
  const grey = 184 + 26 * hashUnit(1, 0, seed);
  const [warm, green] = [14 * hashUnit(2, 0, seed) - 7, 8 * hashUnit(3, 0, seed) - 4];
  const tone: Rgb = [grey + warm, grey + green, grey - warm];
  fillDown(canvas, mixed(tone, [255, 255, 255], 0.25), mixed(tone, [130, 130, 130], 0.1));
}

function sky(canvas: Canvas, seed: number): void {
  fillDown(canvas, [104, 176, 238], [214, 236, 250]);
  const clouds = 3 + Math.floor(3 * hashUnit(0, 0, seed));
  for (let i = 1; i <= clouds; i++) {
    const width = 0.14 + 0.12 * hashUnit(i, 1, seed);
    const y = ((i - 0.8 + 0.6 * hashUnit(i, 3, seed)) / clouds) * 0.94;
    paintCloud(canvas, hashUnit(i, 2, seed), y, width);
  }
}

/** Three puffs with a flat underside. */
function paintCloud(canvas: Canvas, x: number, y: number, width: number): void {
  const { size } = canvas;
  const puffs = [
    [x - 0.55 * width, y, 0.36 * width],
    [x, y - 0.14 * width, 0.52 * width],
    [x + 0.58 * width, y + 0.02 * width, 0.32 * width],
  ] as const;
  const bottom = y + 0.26 * width;
  const [left, right] = [Math.max(0, Math.floor((x - width) * size)), Math.min(size, (x + width) * size)];
  const [top, end] = [Math.max(0, Math.floor((y - 0.7 * width) * size)), Math.min(size, (bottom + 0.02) * size)];
  for (let row = top; row < end; row++) {
    const v = (row + 0.5) / size;
    for (let column = left; column < right; column++) {
      const u = (column + 0.5) / size;
      let nearest = Infinity;
      for (const [px, py, radius] of puffs) {
        const [dx, dy] = [u - px, v - py];
        nearest = Math.min(nearest, Math.sqrt(dx * dx + dy * dy) - radius);
      }
      const alpha = 0.5 - Math.max(nearest, v - bottom) * 45;
      if (alpha > 0) blend(canvas, column, row, [255, 255, 255], 0.85 * Math.min(1, alpha));
    }
  }
}

function grass(canvas: Canvas, seed: number): void {
  const [blades, tall] = [26, 0.085];
  paintRows(canvas, {
    rows: 8,
    reach: tall,
    edge: (x, row) => {
      const at = x * blades + 7 * hashUnit(row, 1, seed);
      const blade = Math.floor(at);
      const within = Math.abs(2 * (at - blade) - 1);
      return tall * (0.35 + 0.65 * hashUnit(blade, row + 2, seed)) * (1 - within);
    },
    colour: (row) => mixed([186, 222, 118], [98, 176, 70], (row / 7) * (0.85 + 0.15 * hashUnit(row, 0, seed))),
    crest: { colour: [226, 246, 156], depth: 0.05, strength: 0.55 },
  });
}

function sea(canvas: Canvas, seed: number): void {
  paintRows(canvas, {
    rows: 8,
    reach: 0.035,
    edge: (x, row) => {
      const at = x * (4.5 - 0.22 * row) + 5 * hashUnit(row, 1, seed);
      return 0.035 * (1 - Math.abs(sine(Math.PI * at)));
    },
    colour: (row) => mixed([152, 214, 226], [22, 112, 158], (row + 0.4 * hashUnit(row, 0, seed)) / 7.4),
    crest: { colour: [232, 250, 250], depth: 0.028, strength: 0.75 },
  });
}

function sand(canvas: Canvas, seed: number): void {
  paintRows(canvas, {
    rows: 6,
    reach: 0.07,
    edge: (x, row) => {
      const phase = 2 * Math.PI * hashUnit(row, 1, seed);
      const turns = 2 * Math.PI * (0.7 + 0.6 * hashUnit(row, 2, seed));
      return 0.035 * (1 + sine(turns * x + phase));
    },
    colour: (row) => mixed([248, 232, 196], [222, 184, 128], (row + 0.6 * hashUnit(row, 0, seed)) / 5.6),
    crest: { colour: [255, 246, 222], depth: 0.06, strength: 0.6 },
  });
  const { size } = canvas;
  // Grains lie on a grid of 64 × 64, whatever the number of pixels.
  for (let y = 0; y < size; y++) {
    const row = Math.floor((y * 64) / size);
    for (let x = 0; x < size; x++) {
      if (hashUnit(Math.floor((x * 64) / size), row, seed) > 0.93) blend(canvas, x, y, GRAIN, 0.2);
    }
  }
}

const GRAIN: Rgb = [142, 100, 52];

function night(canvas: Canvas, seed: number): void {
  fillDown(canvas, [14, 16, 54], [62, 50, 112]);
  const { size } = canvas;
  const stars = 46;
  for (let i = 0; i < stars; i++) {
    const [x, y] = [hashUnit(i, 1, seed) * size, hashUnit(i, 2, seed) * size];
    const bright = hashUnit(i, 3, seed);
    const radius = (0.5 + 0.55 * bright * bright) * (size / 64);
    const reach = Math.floor(radius + 1);
    for (let row = Math.max(0, Math.floor(y) - reach); row <= Math.min(size - 1, Math.floor(y) + reach); row++) {
      for (
        let column = Math.max(0, Math.floor(x) - reach);
        column <= Math.min(size - 1, Math.floor(x) + reach);
        column++
      ) {
        const [dx, dy] = [column + 0.5 - x, row + 0.5 - y];
        const alpha = 0.5 + radius - Math.sqrt(dx * dx + dy * dy);
        if (alpha > 0) blend(canvas, column, row, [255, 250, 222], Math.min(1, alpha) * (0.5 + 0.5 * bright));
      }
    }
  }
}

function brick(canvas: Canvas, seed: number): void {
  const { size, data } = canvas;
  const [rows, columns, joint] = [9, 4.5, 0.011];
  const shift = hashUnit(0, 0, seed);
  for (let y = 0; y < size; y++) {
    const v = ((y + 0.5) / size) * rows + shift;
    const row = Math.floor(v);
    const down = (0.5 - Math.abs(v - row - 0.5)) / rows;
    for (let x = 0; x < size; x++) {
      const u = ((x + 0.5) / size) * columns + (row % 2 === 0 ? 0 : 0.5) + shift;
      const column = Math.floor(u);
      const across = (0.5 - Math.abs(u - column - 0.5)) / columns;
      const alpha = Math.max(0, Math.min(1, 0.5 + (Math.min(across, down) - joint) * size));
      const tone = 0.9 + 0.2 * hashUnit(column, row, seed);
      const at = 3 * (y * size + x);
      data[at] = 222 + (188 * tone - 222) * alpha;
      data[at + 1] = 210 + (116 * tone - 210) * alpha;
      data[at + 2] = 198 + (94 * tone - 198) * alpha;
    }
  }
}

function checker(canvas: Canvas, seed: number): void {
  const { size, data } = canvas;
  const tiles = 6;
  const [shiftX, shiftY] = [hashUnit(1, 0, seed), hashUnit(2, 0, seed)];
  const angle = 2 * Math.PI * hashUnit(3, 0, seed);
  const dark: Rgb = [158 + 18 * cosine(angle), 164, 172 + 18 * sine(angle)];
  const light: Rgb = [240, 238, 232];
  const sharp = size / tiles;
  const wave = (at: number): number => {
    const near = Math.abs(at / 2 - Math.floor(at / 2) - 0.5) * 2 - 0.5;
    return Math.max(0, Math.min(1, 0.5 + near * sharp));
  };
  for (let y = 0; y < size; y++) {
    const down = wave(((y + 0.5) / size) * tiles + shiftY);
    for (let x = 0; x < size; x++) {
      const across = wave(((x + 0.5) / size) * tiles + shiftX);
      const share = across + down - 2 * across * down;
      const at = 3 * (y * size + x);
      for (let c = 0; c < 3; c++) data[at + c] = light[c]! + (dark[c]! - light[c]!) * share;
    }
  }
}
