/** Numbers and pictures for the gallery, the same on every run. */
import type { Bar } from "../../../workbench/src/panels/bars.js";
import type { PictureItem } from "../../../workbench/src/panels/picture-item.js";
import type { RgbImage } from "../../../workbench/src/panels/library.js";
import type { Table } from "../../../workbench/src/panels/table.js";

export const names = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));

/** Numbers from 0 to 1 after mulberry32. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const next = random(1);
export const contributions = Float32Array.from({ length: 24 }, (_, i) => (next() - 0.42) * 0.02 * (1 + i / 5));
export const attention = Float32Array.from({ length: 576 }, (_, i) => next() ** 3 * (0.2 + i / 576));
export const marked = new Set([9, 15, 20]);
export const disabled = new Set([7, 13]);

const SIDE = 64;

/** A red disc and a blue square on a hill. */
export const picture = scene();

function scene(): RgbImage {
  const data = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const hill = y > 44 + 5 * Math.sin(x / 11);
      let colour = hill ? [96, 140, 84] : [206 - y, 220 - y / 2, 236];
      if (Math.hypot(x - 26, y - 30) < 11) colour = [212, 58, 48];
      if (x > 42 && x < 56 && y > 38 && y < 52) colour = [52, 82, 170];
      data.set(colour, (y * SIDE + x) * 3);
    }
  }
  return { width: SIDE, height: SIDE, data };
}

const bump = (column: number, row: number, reach: number): Float32Array =>
  Float32Array.from({ length: 64 }, (_, i) => {
    const away = Math.hypot((i % 8) - column, Math.floor(i / 8) - row);
    return 0.02 * Math.exp(-away * away * reach) + (next() - 0.6) * 0.006;
  });

export const patches = bump(2.8, 3.3, 0.4);
export const maps = names(12).map((name) => ({
  title: `layer ${Math.floor(Number(name) / 6) + 2}, head ${Number(name) % 6}`,
  values: bump(next() * 7, next() * 7, 0.2 + next()),
  note: "0.01",
  picture,
}));

const SIMILARITIES: [string, number][] = [
  ["a red circle", 0.312],
  ["a blue square", 0.268],
  ["a photograph of a hill under a clear sky in the early morning", 0.231],
  ["a fish", -0.043],
  ["a green heart", 0.127],
];

export const bars: Bar[] = SIMILARITIES.map(([label, value]) => ({
  key: label,
  label,
  value,
  interval: { min: value - 0.02, max: value + 0.024 },
  control: 0.11 + value / 10,
}));

export const headTable = (layers: string[], heads: string[], values: Float32Array): Table => ({
  columns: [{ name: "layer" }, { name: "head" }, { name: "contribution" }],
  rows: layers.flatMap((_, layer) => heads.map((_, head) => [layer, head, values[layer * heads.length + head]!])),
});

export const patchTable = (values: Float32Array): Table => ({
  columns: [{ name: "row" }, { name: "column" }, { name: "contribution" }],
  rows: Array.from(values, (value, i) => [Math.floor(i / 8) + 1, (i % 8) + 1, value]),
});

/** Nearly normal. */
const bell = (): number => next() + next() + next() + next() - 2;
export const effects = Float32Array.from({ length: 768 }, () => bell() * 0.6).fill(1.9, 0, 6);
export const randomEffects = Float32Array.from({ length: 768 }, () => bell() * 0.4);

export const pictures: PictureItem[] = Array.from({ length: 9 }, (_, i) => ({
  key: `scene-${i}`,
  picture: i === 8 ? undefined : picture,
  alt: "A red disc and a blue square on a hill",
  caption: i === 1 ? "a caption that is too long for its picture" : `scene ${i}`,
  note: (3.2 - i / 5).toFixed(2),
}));
