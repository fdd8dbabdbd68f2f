/** Where an object lies on a grid of pixels. */
import { cosine, sine } from "../portable-math.js";
import type { SceneObject } from "./scene.js";
import type { ShapeField } from "./shapes/field.js";
import { SHAPE_FIELDS } from "./shapes/table.js";

/** How far from its centre a shape reaches at most, in units of its plane. */
export const REACH = 1.2;

export interface Outline {
  readonly field: ShapeField;
  /** Pixels that can hold some of it: from `left` to `right` - 1, and from `top` to `bottom` - 1. */
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** Pixels per unit of its plane. */
  readonly sharpness: number;
  /** From a pixel's centre to the plane: x' = x·xx + y·xy + x0, y' = x·yx + y·yy + y0. */
  readonly xx: number;
  readonly xy: number;
  readonly x0: number;
  readonly yx: number;
  readonly yy: number;
  readonly y0: number;
}

export function outlineOf({ shape, x, y, rotation, flipped, scale }: SceneObject, size: number): Outline {
  const sharpness = (scale / 2) * size;
  const [centreX, centreY, reach] = [x * size, y * size, REACH * sharpness + 1];
  const [c, s] = [cosine(rotation) / sharpness, sine(rotation) / sharpness];
  const mirror = flipped ? -1 : 1;
  const [xx, xy, yx, yy] = [mirror * c, mirror * s, -s, c];
  const [fromX, fromY] = [0.5 - centreX, 0.5 - centreY];
  return {
    field: SHAPE_FIELDS[shape],
    left: Math.max(0, Math.floor(centreX - reach)),
    right: Math.min(size, Math.floor(centreX + reach) + 1),
    top: Math.max(0, Math.floor(centreY - reach)),
    bottom: Math.min(size, Math.floor(centreY + reach) + 1),
    sharpness,
    xx,
    xy,
    x0: fromX * xx + fromY * xy,
    yx,
    yy,
    y0: fromX * yx + fromY * yy,
  };
}
