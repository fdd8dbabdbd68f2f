/** Which field draws which shape. */
import type { Shape } from "../vocabulary.js";
import type { ShapeField } from "./field.js";
import { arrow, circle, crescent, cross, diamond, heart, hexagon, ring, square, star, triangle } from "./geometric.js";
import { bird, boat, fish, flower, house, mushroom, tree } from "./pictorial.js";

export const SHAPE_FIELDS: Readonly<Record<Shape, ShapeField>> = {
  circle,
  square,
  triangle,
  star,
  heart,
  ring,
  cross,
  crescent,
  diamond,
  hexagon,
  arrow,
  fish,
  bird,
  tree,
  house,
  flower,
  boat,
  mushroom,
};

/** The greatest rotation of a shape, in radians either way. */
export function turnsOf(shape: Shape): number {
  return SHAPE_FIELDS[shape].turns;
}
