/** Where a face is painted, layer over layer, with a note of which part each pixel shows. */
import type { Rgb } from "./palette.js";
import { FACE_PARTS, type FacePart } from "./vocabulary.js";

/** A colour that a layer sets for one pixel; red, green and blue from 0 to 255. */
export interface Ink {
  r: number;
  g: number;
  b: number;
}

/** In place, since a picture has many pixels. */
export function put(ink: Ink, colour: Rgb): void {
  ink.r = colour[0];
  ink.g = colour[1];
  ink.b = colour[2];
}

export function blend(ink: Ink, colour: Rgb, share: number): void {
  ink.r += (colour[0] - ink.r) * share;
  ink.g += (colour[1] - ink.g) * share;
  ink.b += (colour[2] - ink.b) * share;
}

export function dim(ink: Ink, by: number): void {
  ink.r *= by;
  ink.g *= by;
  ink.b *= by;
}

/** What is in the shade is darker, and warmer; 1 is no shade. */
export function shade(ink: Ink, tone: number): void {
  ink.r *= 0.5 + 0.5 * tone;
  ink.g *= 0.38 + 0.62 * tone;
  ink.b *= 0.4 + 0.6 * tone;
}

export interface Canvas {
  readonly size: number;
  /** [size, size, 3], not yet rounded. */
  readonly data: Float32Array;
  /** [size, size]: places in `FACE_PARTS`. */
  readonly parts: Uint8Array;
}

/** From pixels to a plane of its own: u = ux · x + uy · y + u0, and v likewise. */
export interface Frame {
  readonly ux: number;
  readonly uy: number;
  readonly u0: number;
  readonly vx: number;
  readonly vy: number;
  readonly v0: number;
  /** Pixels per unit. */
  readonly sharpness: number;
}

/** Sets the ink for a place and returns how opaque it is. */
export type Shader = (u: number, v: number, ink: Ink, pixel: number) => number;

/** Left, top, right, bottom, in units of a frame's plane. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

const ink: Ink = { r: 0, g: 0, b: 0 };

/** The frame of a plane whose origin is at (x, y) and whose axes are the given vectors, all in pixels. */
export function frameAt(x: number, y: number, u: readonly [number, number], v: readonly [number, number]): Frame {
  const determinant = u[0] * v[1] - u[1] * v[0];
  const [ux, uy] = [v[1] / determinant, -v[0] / determinant];
  const [vx, vy] = [-u[1] / determinant, u[0] / determinant];
  const sharpness = Math.sqrt(Math.abs(determinant));
  return { ux, uy, u0: -ux * x - uy * y, vx, vy, v0: -vx * x - vy * y, sharpness };
}

/** Where a point of a frame's plane lies in the picture, in pixels. */
export function pixelAt(frame: Frame, u: number, v: number): [x: number, y: number] {
  const { ux, uy, vx, vy } = frame;
  const determinant = ux * vy - uy * vx;
  const [du, dv] = [u - frame.u0, v - frame.v0];
  return [(vy * du - uy * dv) / determinant, (ux * dv - vx * du) / determinant];
}

/**
 * Lays a layer over the pixels that show a part of `box`. Where it is opaque by half or more, the pixel now shows `part`;
 * undefined leaves what it shows.
 */
export function paint(canvas: Canvas, frame: Frame, box: Box, part: FacePart | undefined, shader: Shader): void {
  const { size, data, parts } = canvas;
  const { ux, uy, u0, vx, vy, v0 } = frame;
  const code = part === undefined ? -1 : FACE_PARTS.indexOf(part);
  const [left, top, right, bottom] = pixelsOf(frame, box, size);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const [px, py] = [x + 0.5, y + 0.5];
      const pixel = y * size + x;
      const alpha = shader(ux * px + uy * py + u0, vx * px + vy * py + v0, ink, pixel);
      if (alpha <= 0) continue;
      const at = 3 * pixel;
      data[at] = data[at]! + (ink.r - data[at]!) * alpha;
      data[at + 1] = data[at + 1]! + (ink.g - data[at + 1]!) * alpha;
      data[at + 2] = data[at + 2]! + (ink.b - data[at + 2]!) * alpha;
      if (code >= 0 && alpha >= 0.5) parts[pixel] = code;
    }
  }
}

/** The pixels around a box, and one more on each side. */
function pixelsOf(frame: Frame, [left, top, right, bottom]: Box, size: number): Box {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let corner = 0; corner < 4; corner++) {
    const [x, y] = pixelAt(frame, corner & 1 ? right : left, corner & 2 ? bottom : top);
    x0 = Math.min(x0, x);
    x1 = Math.max(x1, x);
    y0 = Math.min(y0, y);
    y1 = Math.max(y1, y);
  }
  return [
    Math.max(0, Math.floor(x0) - 1),
    Math.max(0, Math.floor(y0) - 1),
    Math.min(size, Math.ceil(x1) + 1),
    Math.min(size, Math.ceil(y1) + 1),
  ];
}
