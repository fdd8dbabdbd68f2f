/** Patterns in two tones, in an object's own plane. */
import { clamp01, cosine, hashUnit, sine } from "../portable-math.js";
import { inside } from "../distance.js";
import type { SceneObject } from "./scene.js";
import type { Texture } from "./vocabulary.js";

/** The share of the second tone at a point, from 0 to 1. */
export type Tones = (x: number, y: number) => number;

/** The least size of a part of a pattern, as a fraction of the picture's side: two pixels of 64. */
const LEAST = 2 / 64;

/** The pattern of an object, at so many pixels per unit of its plane. */
export function tonesOf({ texture, scale, seed }: SceneObject, sharpness: number): Tones {
  // A unit of the plane is half the object's extent.
  return PATTERNS[texture]({ least: LEAST / (scale / 2), sharpness, seed });
}

interface Setting {
  /** The least size of a part, in units of the plane. */
  readonly least: number;
  readonly sharpness: number;
  readonly seed: number;
}

const PATTERNS: Readonly<Record<Texture, (setting: Setting) => Tones>> = {
  solid: () => () => 0,
  striped: ({ least, sharpness, seed }) => {
    const period = Math.max(0.42, 2 * least);
    const angle = hashUnit(1, 0, seed) * Math.PI;
    const [across, down, phase] = [cosine(angle) / period, sine(angle) / period, hashUnit(2, 0, seed)];
    const sharp = sharpness * period;
    return (x, y) => inside(fromWhole(x * across + y * down + phase) - 0.22, sharp);
  },
  dotted: ({ least, sharpness, seed }) => {
    const period = Math.max(0.46, 2.1 * least);
    const sharp = sharpness * period;
    const shift = hashUnit(1, 0, seed);
    return (x, y) => {
      const row = y / period + shift;
      const [dy, index] = [fromWhole(row), Math.floor(row + 0.5)];
      const dx = fromWhole(x / period + (index % 2 === 0 ? 0 : 0.5));
      return inside(Math.sqrt(dx * dx + dy * dy) - 0.31, sharp);
    };
  },
  checkered: ({ least, sharpness, seed }) => {
    const side = Math.max(0.36, 1.4 * least);
    const sharp = sharpness * side;
    const shift = hashUnit(1, 0, seed);
    return (x, y) => {
      const [u, v] = [x / side + shift, y / side + shift];
      const across = inside(Math.abs(u / 2 - Math.floor(u / 2) - 0.5) * 2 - 0.5, sharp);
      const down = inside(Math.abs(v / 2 - Math.floor(v / 2) - 0.5) * 2 - 0.5, sharp);
      return across + down - 2 * across * down;
    };
  },
  rippled: ({ least, sharpness }) => {
    const period = Math.max(0.37, 2 * least);
    const sharp = sharpness * period;
    return (x, y) => inside(fromWhole(Math.sqrt(x * x + y * y) / period + 0.5) - 0.24, sharp);
  },
  faded: () => (_x, y) => 0.95 * clamp01((y + 0.5) / 1.15),
};

/** Distance to the nearest whole number. */
function fromWhole(x: number): number {
  return Math.abs(x - Math.floor(x + 0.5));
}
