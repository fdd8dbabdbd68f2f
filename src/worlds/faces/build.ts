/**
 * A face's geometry: where its planes lie in the picture, and how its head is turned.
 *
 * @file The head's plane has its origin between the eyes' height and the picture's middle; 1 is half of the head's height,
 * x runs to the right and y down. Points on the face have coordinates (X, Y) of their own, which turn with the head:
 * Z points to the viewer. Projection is orthographic.
 */
import { cosine, sine } from "../portable-math.js";
import { type Frame, frameAt } from "./canvas.js";
import type { Face } from "./face.js";
import { HAIRS, mixed, type Rgb, scaled, SKINS } from "./palette.js";
import type { HeadShape } from "./vocabulary.js";

export interface Build {
  readonly face: Face;
  readonly size: number;
  /** The head's plane. */
  readonly head: Frame;
  /** The same plane, half as much rolled: the neck's; and not rolled at all: the shoulders'. */
  readonly neck: Frame;
  readonly body: Frame;
  readonly outline: Outline;
  readonly turn: Turn;
  readonly light: Light;
  readonly skin: Rgb;
  readonly hair: Rgb;
  /** Of eyes: distance from the middle, and height, on the face. */
  readonly eyes: { readonly x: number; readonly y: number; readonly size: number };
  readonly mouth: { readonly y: number; readonly width: number };
}

/** Of the head, seen from the front. */
interface Outline {
  /** Half-width at the ears. */
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
  /** How much narrower the chin is, as a share of the width. */
  readonly taper: number;
  /** From 0 (an ellipse) to 1 (nearly a box), of the lower half. */
  readonly square: number;
}

interface Turn {
  readonly sinYaw: number;
  readonly cosYaw: number;
  readonly sinPitch: number;
  readonly cosPitch: number;
}

/** A unit vector to the light, and how dark the other side is. */
interface Light {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly contrast: number;
}

/** How far the face's middle lies before the axis that the head turns about. */
export const DEPTH = 0.72;

const OUTLINES: Readonly<Record<HeadShape, Outline>> = {
  round: { width: 0.86, top: 1, bottom: 0.92, taper: 0.14, square: 0.1 },
  oval: { width: 0.78, top: 1, bottom: 1, taper: 0.26, square: 0 },
  square: { width: 0.79, top: 0.98, bottom: 0.96, taper: 0.04, square: 0.75 },
  long: { width: 0.71, top: 1, bottom: 1.12, taper: 0.2, square: 0.3 },
  heart: { width: 0.85, top: 1, bottom: 1, taper: 0.48, square: 0 },
};

export function buildOf(face: Face, size: number): Build {
  const { identity, photo } = face;
  const { proportions } = identity;
  const unit = (photo.scale * size) / 2;
  const [x, y] = [(0.5 + photo.x) * size, (0.5 + photo.y) * size];
  const [sinPitch, cosPitch] = [sine(photo.pitch), cosine(photo.pitch)];
  const shape = OUTLINES[identity.head];
  const bottom = shape.bottom * (1 + 0.06 * proportions.chin);
  const norm = Math.sqrt(photo.lightX * photo.lightX * 0.72 + photo.lightY * photo.lightY * 0.45 + 0.55);
  const mouthWidths = { thin: 0.24, full: 0.25, wide: 0.33, small: 0.185 };
  return {
    face,
    size,
    head: rolled(x, y, unit, photo.roll),
    neck: rolled(x, y, unit, photo.roll / 2),
    body: rolled(x, y, unit, 0),
    outline: {
      ...shape,
      width: shape.width * (1 + 0.05 * proportions.headWidth),
      // Chin and crown lie before and behind the axis: they rise and fall with the head.
      bottom: bottom * cosPitch - 0.4 * sinPitch,
      top: shape.top - 0.12 * sinPitch,
      taper: shape.taper - 0.06 * proportions.jaw,
    },
    turn: { sinYaw: sine(photo.yaw), cosYaw: cosine(photo.yaw), sinPitch, cosPitch },
    light: {
      x: (0.85 * photo.lightX) / norm,
      y: (-0.67 * photo.lightY) / norm,
      z: 0.74 / norm,
      contrast: photo.contrast,
    },
    skin: scaled(SKINS[identity.skin], 1 + 0.05 * proportions.shade),
    hair: scaled(HAIRS[identity.hairColour], 1 + 0.12 * proportions.hairShade),
    eyes: { x: 0.335 + 0.035 * proportions.eyeSpacing, y: 0.02, size: 1 + 0.13 * proportions.eyeSize },
    mouth: {
      y: 0.6 + 0.035 * proportions.mouthHeight,
      width: mouthWidths[identity.mouth] * (1 + 0.1 * proportions.mouthWidth) * (1 + 0.12 * photo.smile),
    },
  };
}

function rolled(x: number, y: number, unit: number, roll: number): Frame {
  const [s, c] = [sine(roll) * unit, cosine(roll) * unit];
  return frameAt(x, y, [c, s], [-s, c]);
}

/** A point of the head on its plane. */
export function project({ turn }: Build, x: number, y: number, z: number): [x: number, y: number] {
  const depth = -x * turn.sinYaw + z * turn.cosYaw;
  return [x * turn.cosYaw + z * turn.sinYaw, y * turn.cosPitch - depth * turn.sinPitch];
}

/** How far the lower face, which lies before the axis, has moved sideways. */
function shiftAt({ turn }: Build, y: number): number {
  const low = y < -0.4 ? 0 : y > 1 ? 1.4 : y + 0.4;
  return turn.sinYaw * 0.27 * low;
}

/** The signed distance to the head's outline on its plane; close to it near the rim. */
export function headDistance(build: Build, x: number, y: number): number {
  const { width, top, bottom, taper, square } = build.outline;
  const t = y > 0 ? Math.min(y / bottom, 1.2) : 0;
  const a = width * (1 - taper * t * t);
  const b = y > 0 ? bottom : top;
  const u = (x - shiftAt(build, y)) / a;
  const v = y / b;
  const round = Math.sqrt(u * u + v * v);
  if (round < 1e-6) return -Math.min(a, b);
  const boxy = Math.sqrt(Math.sqrt(u * u * u * u + v * v * v * v));
  const q = y > 0 ? square * Math.min(1, 3 * t) : 0.08;
  const k = round + (boxy - round) * q;
  const slope = Math.sqrt((u / a) * (u / a) + (v / b) * (v / b)) / round;
  return (k - 1) / slope;
}

/** The way the head's surface looks at a place of its plane, and the place on the face that is seen there. */
export interface Surface {
  nx: number;
  ny: number;
  nz: number;
  /** On the face. */
  x: number;
  y: number;
}

/** Also beyond the outline, where the surface goes on as its rim. */
export function surfaceAt(build: Build, x: number, y: number, out: Surface): void {
  const { outline, turn } = build;
  const t = y > 0 ? Math.min(y / outline.bottom, 1) : 0;
  const nx = (x - shiftAt(build, y)) / (outline.width * (1 - outline.taper * t * t));
  const ny = y / (y > 0 ? outline.bottom : outline.top);
  const square = nx * nx + ny * ny;
  const rim = square > 0.98 ? Math.sqrt(0.98 / square) : 1;
  out.nx = nx * rim;
  out.ny = ny * rim;
  out.nz = Math.sqrt(1 - Math.min(0.98, square));
  const z = DEPTH * out.nz;
  const ahead = -y * turn.sinPitch + z * turn.cosPitch;
  out.x = x * turn.cosYaw - ahead * turn.sinYaw;
  out.y = y * turn.cosPitch + z * turn.sinPitch;
}

/** How bright a surface is, from 1 - contrast to 1. */
export function lit({ light }: Build, nx: number, ny: number, nz: number): number {
  const facing = 0.42 + 0.62 * (nx * light.x + ny * light.y + nz * light.z);
  const soft = facing < 0 ? 0 : facing > 1 ? 1 : facing * facing * (3 - 2 * facing);
  return 1 - light.contrast * (1 - soft);
}

/** What is in the shade of this colour: darker, and warmer. */
export function shaded(colour: Rgb, tone: number): Rgb {
  return mixed([colour[0] * 0.5, colour[1] * 0.38, colour[2] * 0.4], colour, tone);
}

/** 0 below `from`, 1 above `to`, smooth between. */
export function smooth(from: number, to: number, at: number): number {
  const t = (at - from) / (to - from);
  return t <= 0 ? 0 : t >= 1 ? 1 : t * t * (3 - 2 * t);
}

/** 1 in the middle of an ellipse, 0 outside it, smooth between. */
export function glow(x: number, y: number, a: number, b: number): number {
  const square = (x * x) / (a * a) + (y * y) / (b * b);
  return square >= 1 ? 0 : (1 - square) * (1 - square);
}
