/**
 * Arithmetic that gives the same bits in every JavaScript engine.
 *
 * @file `Math.sin`, `exp`, `pow` and their kin may differ in their last bits from engine to engine; + − × ÷, `Math.sqrt`,
 * `Math.floor` and `Math.imul` may not. Whatever decides a byte of a world uses only these.
 */

const TURN = 2 * Math.PI;

/** Of an angle in radians; within 1e-7. */
export function sine(angle: number): number {
  let x = angle - Math.floor(angle / TURN + 0.5) * TURN;
  if (x > Math.PI / 2) x = Math.PI - x;
  else if (x < -Math.PI / 2) x = -Math.PI - x;
  const s = x * x;
  return x * (1 + s * (-1 / 6 + s * (1 / 120 + s * (-1 / 5040 + s * (1 / 362880 - s / 39916800)))));
}

/** Of an angle in radians; within 1e-7. */
export function cosine(angle: number): number {
  return sine(angle + Math.PI / 2);
}

/** From 0 to 1. */
export function clamp01(x: number): number {
  return x < 0 ? 0 : x > 1 ? 1 : x;
}

/** A number from 0 (included) to 1 (excluded) that the three whole numbers determine, like noise. */
export function hashUnit(x: number, y: number, seed: number): number {
  let h = Math.imul(x, 0x27d4eb2f) ^ Math.imul(y, 0x165667b1) ^ seed;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}
