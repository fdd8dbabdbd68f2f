/** Shapes of geometry. */
import { cosine, sine } from "../../portable-math.js";
import { box, disc, length, type Point, polygon } from "../../distance.js";
import type { ShapeField } from "./field.js";

const UPRIGHT = 0.22;
const TILTED = 0.4;
const ANY = Math.PI;

/** Corners on a circle, at every `radii`-th of a turn from the top; the radii take turns. */
function radial(count: number, radii: readonly number[], dy = 0): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    const radius = radii[i % radii.length]!;
    return [radius * sine(angle), dy - radius * cosine(angle)];
  });
}

export const circle: ShapeField = { distance: (x, y) => disc(x, y, 0.92), turns: ANY };

export const square: ShapeField = { distance: (x, y) => box(x, y, 0.77, 0.77), turns: UPRIGHT };

export const triangle: ShapeField = {
  distance: polygon([
    [0, -0.92],
    [1, 0.8],
    [-1, 0.8],
  ]),
  turns: TILTED,
};

export const star: ShapeField = { distance: polygon(radial(10, [1.04, 0.45], 0.06)), turns: ANY };

/** Two round lobes over a point. */
export const heart: ShapeField = {
  distance: (x, y) => {
    const [px, py] = [Math.abs(x) / 1.62, (0.9 - y) / 1.62];
    if (px + py > 1) return 1.62 * (length(px - 0.25, py - 0.75) - 0.35355339);
    const half = 0.5 * Math.max(px + py, 0);
    const toTop = length(px, py - 1);
    const toSide = length(px - half, py - half);
    return 1.62 * (px < py ? -1 : 1) * Math.min(toTop, toSide);
  },
  turns: TILTED,
};

export const ring: ShapeField = { distance: (x, y) => Math.abs(length(x, y) - 0.66) - 0.27, turns: ANY };

export const cross: ShapeField = {
  distance: (x, y) => Math.min(box(x, y, 0.9, 0.32), box(x, y, 0.32, 0.9)),
  turns: UPRIGHT,
};

/** A disc, the disc that is cut out of it, and how far their centres lie apart. */
const [MOON, BITE, APART] = [0.95, 0.78, 0.44];
const TIP_X = (MOON * MOON - BITE * BITE + APART * APART) / (2 * APART);
const TIP_Y = Math.sqrt(MOON * MOON - TIP_X * TIP_X);

export const crescent: ShapeField = {
  distance: (x, y) => {
    const [px, py] = [x - 0.12, Math.abs(y)];
    if (px * TIP_Y - py * TIP_X > APART * Math.max(TIP_Y - py, 0)) return length(px - TIP_X, py - TIP_Y);
    return Math.max(disc(px, py, MOON), BITE - length(px - APART, py));
  },
  turns: TILTED,
};

export const diamond: ShapeField = {
  distance: polygon([
    [0, -1.02],
    [0.68, 0],
    [0, 1.02],
    [-0.68, 0],
  ]),
  turns: UPRIGHT,
};

export const hexagon: ShapeField = { distance: polygon(radial(6, [0.98])), turns: ANY };

export const arrow: ShapeField = {
  distance: polygon([
    [-1, -0.25],
    [0.08, -0.25],
    [0.08, -0.72],
    [1, 0],
    [0.08, 0.72],
    [0.08, 0.25],
    [-1, 0.25],
  ]),
  turns: ANY,
};
