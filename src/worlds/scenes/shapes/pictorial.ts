/** Shapes of things. */
import { cosine, sine } from "../../portable-math.js";
import { box, disc, ellipse, inside, length, type Point, polygon, stroke } from "../../distance.js";
import type { ShapeField } from "./field.js";

const UPRIGHT = 0.26;
const TILTED = 0.4;
const ANY = Math.PI;

const tailFin = polygon([
  [0.3, 0],
  [1, -0.58],
  [0.84, 0],
  [1, 0.58],
]);
const backFin = polygon([
  [-0.3, -0.42],
  [0.1, -0.78],
  [0.36, -0.3],
]);

/** Looks to the left. */
export const fish: ShapeField = {
  distance: (x, y) => Math.min(ellipse(x + 0.22, y, 0.76, 0.54), tailFin(x, y), backFin(x, y)),
  detail: (x, y, sharpness) => {
    const eye = length(x + 0.62, y + 0.12);
    const gill = Math.max(Math.abs(length(x + 0.78, y) - 0.5) - 0.035, Math.abs(y) - 0.3);
    if (eye < 0.24) return inside(eye - 0.09, sharpness) * 2 - inside(eye - 0.17, sharpness);
    return inside(gill, sharpness);
  },
  turns: TILTED,
};

const beak = polygon([
  [-0.66, -0.56],
  [-1.02, -0.34],
  [-0.62, -0.26],
]);
const tailFeathers = polygon([
  [0.3, -0.04],
  [1.02, -0.5],
  [1.02, -0.06],
  [0.4, 0.4],
]);

/** Looks to the left; its legs are short. */
export const bird: ShapeField = {
  distance: (x, y) => {
    const body = ellipse(x, y - 0.12, 0.68, 0.5);
    const head = disc(x + 0.46, y + 0.42, 0.36);
    const legs = Math.min(
      stroke(x, y, [-0.14, 0.5], [-0.18, 0.92], 0.055),
      stroke(x, y, [0.14, 0.5], [0.12, 0.92], 0.055),
    );
    return Math.min(body, head, beak(x, y), tailFeathers(x, y), legs);
  },
  detail: (x, y, sharpness) => {
    const eye = length(x + 0.52, y + 0.48);
    if (eye < 0.2) return inside(eye - 0.08, sharpness) * 2 - inside(eye - 0.14, sharpness);
    const wing = Math.abs(ellipse(x - 0.12, y - 0.08, 0.4, 0.24)) - 0.035;
    const dark = Math.min(beak(x, y), wing, 0.6 - y);
    return inside(dark, sharpness);
  },
  turns: UPRIGHT,
};

const crown = polygon([
  [0, -1.04],
  [0.46, -0.42],
  [0.27, -0.42],
  [0.66, 0.1],
  [0.42, 0.1],
  [0.84, 0.64],
  [-0.84, 0.64],
  [-0.42, 0.1],
  [-0.66, 0.1],
  [-0.27, -0.42],
  [-0.46, -0.42],
]);

/** A fir. */
export const tree: ShapeField = {
  distance: (x, y) => Math.min(crown(x, y), box(x, y - 0.8, 0.16, 0.22)),
  detail: (_x, y, sharpness) => inside(0.66 - y, sharpness),
  turns: UPRIGHT,
};

const roof = polygon([
  [0, -0.98],
  [1.02, -0.06],
  [-1.02, -0.06],
]);

export const house: ShapeField = {
  distance: (x, y) => Math.min(roof(x, y), box(x, y - 0.4, 0.76, 0.5), box(x - 0.56, y + 0.62, 0.13, 0.34)),
  detail: (x, y, sharpness) => {
    const door = box(x - 0.3, y - 0.58, 0.19, 0.34);
    const pane = box(x + 0.34, y - 0.36, 0.22, 0.2);
    const eaves = Math.abs(y + 0.06) - 0.05;
    return Math.max(inside(door, sharpness), inside(eaves, sharpness)) - inside(pane, sharpness);
  },
  turns: UPRIGHT,
};

const PETALS: readonly Point[] = Array.from({ length: 6 }, (_, i) => {
  const angle = (Math.PI * i) / 3;
  return [0.58 * sine(angle), 0.58 * cosine(angle)];
});

export const flower: ShapeField = {
  distance: (x, y) => {
    let nearest = disc(x, y, 0.4);
    for (const [px, py] of PETALS) nearest = Math.min(nearest, disc(x - px, y - py, 0.36));
    return nearest;
  },
  detail: (x, y, sharpness) => {
    const middle = length(x, y);
    return inside(Math.abs(middle - 0.3) - 0.045, sharpness) - inside(middle - 0.28, sharpness);
  },
  turns: ANY,
};

const hull = polygon([
  [-1, 0.36],
  [1, 0.36],
  [0.64, 0.88],
  [-0.64, 0.88],
]);
const mainSail = polygon([
  [0.08, -1],
  [0.86, 0.2],
  [0.08, 0.2],
]);
const foreSail = polygon([
  [-0.1, -0.72],
  [-0.1, 0.2],
  [-0.68, 0.2],
]);

/** Under sail. */
export const boat: ShapeField = {
  distance: (x, y) => Math.min(hull(x, y), mainSail(x, y), foreSail(x, y), box(x, y + 0.3, 0.07, 0.7)),
  detail: (x, y, sharpness) => {
    const mast = box(x, y + 0.3, 0.07, 0.7);
    const rail = Math.max(Math.abs(y - 0.42) - 0.06, -y);
    return inside(Math.min(mast, rail), sharpness);
  },
  turns: UPRIGHT,
};

export const mushroom: ShapeField = {
  distance: (x, y) => {
    const cap = Math.max(ellipse(x, y - 0.06, 1, 0.98), y - 0.12);
    const stem = Math.max(ellipse(x, y - 0.62, 0.36, 0.9), y - 0.92, 0.1 - y);
    return Math.min(cap, stem);
  },
  detail: (_x, y, sharpness) => {
    const gills = Math.abs(y - 0.14) - 0.05;
    return inside(gills, sharpness) - inside(0.19 - y, sharpness);
  },
  turns: TILTED,
};
