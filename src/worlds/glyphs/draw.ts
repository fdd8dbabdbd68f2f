/** Turns a glyph into pixels. */
import { UsageError } from "../../engine/errors.js";
import { clamp01 } from "../portable-math.js";
import type { Glyph } from "./glyph.js";
import { type Trace, traceOf } from "./trace.js";

/** The smallest and the largest side of a picture, in pixels. */
const SIZES = [8, 4096] as const;
/** Side of the picture that softness is measured in. */
const PICTURE = 28;

/**
 * A picture [size, size], row by row, from -1 (no ink) to 1. The same glyph gives the same numbers in every JavaScript
 * engine. Throws `UsageError` for a size that is no whole number from 8 to 4096, and for a class or style that there is not.
 */
export function drawGlyph(glyph: Glyph, size = 28): Float32Array {
  checkSize(size);
  const pixels = new Float32Array(size * size);
  drawInto(glyph, size, pixels);
  return pixels;
}

/** Writes to `pixels`, size · size numbers; the size was checked. */
export function drawInto(glyph: Glyph, size: number, pixels: Float32Array): void {
  pixels.fill(0);
  const { at, radius, begins, count }: Trace = traceOf(glyph);
  const half = 0.5 * Math.max(1, (glyph.softness * size) / PICTURE);
  for (let i = 1; i < count; i++) {
    if (begins[i] === 1) continue;
    const [fromX, fromY] = [at[2 * i - 2]! * size, at[2 * i - 1]! * size];
    ink(
      pixels,
      size,
      half,
      fromX,
      fromY,
      radius[i - 1]! * size,
      at[2 * i]! * size,
      at[2 * i + 1]! * size,
      radius[i]! * size,
    );
  }
  for (let i = 0; i < pixels.length; i++) pixels[i] = 2 * glyph.ink * pixels[i]! - 1;
}

/** Covers what lies under the pen on its way from one point to another; never takes ink away. */
function ink(
  pixels: Float32Array,
  size: number,
  half: number,
  fromX: number,
  fromY: number,
  fromRadius: number,
  toX: number,
  toY: number,
  toRadius: number,
): void {
  const reach = Math.max(fromRadius, toRadius) + half;
  const left = Math.max(0, Math.floor(Math.min(fromX, toX) - reach));
  const right = Math.min(size, Math.ceil(Math.max(fromX, toX) + reach));
  const top = Math.max(0, Math.floor(Math.min(fromY, toY) - reach));
  const bottom = Math.min(size, Math.ceil(Math.max(fromY, toY) + reach));
  const ex = toX - fromX;
  const ey = toY - fromY;
  const inverse = 1 / (ex * ex + ey * ey + 1e-12);
  const square = reach * reach;
  for (let y = top; y < bottom; y++) {
    const py = y + 0.5 - fromY;
    for (let x = left; x < right; x++) {
      const px = x + 0.5 - fromX;
      const along = clamp01((px * ex + py * ey) * inverse);
      const dx = px - ex * along;
      const dy = py - ey * along;
      const far = dx * dx + dy * dy;
      if (far >= square) continue;
      const distance = Math.sqrt(far);
      const pen = fromRadius + (toRadius - fromRadius) * along;
      // How much of a pixel-wide window across the stroke is ink: right for pens thinner than a pixel, too.
      const covered = (Math.min(distance + half, pen) - Math.max(distance - half, -pen)) / (2 * half);
      const place = y * size + x;
      if (covered > pixels[place]!) pixels[place] = covered;
    }
  }
}

export function checkSize(size: number): void {
  const [least, most] = SIZES;
  if (Number.isInteger(size) && size >= least && size <= most) return;
  const expected = `a whole number from ${least} to ${most}`;
  throw new UsageError({ what: "no picture has this size", where: "size", got: String(size), expected });
}
