/** Combinations of attributes that training can leave out, so that a test can ask for them. */
import { COLOURS, type Colour, SHAPES, type Shape, TEXTURES, type Texture } from "./vocabulary.js";

/** The one colour of each shape that is held out: 18 of 180 pairs. Every colour keeps at least 16 of 18 shapes. */
export function heldOutColour(shape: Shape): Colour {
  return COLOURS[(3 * SHAPES.indexOf(shape) + 1) % COLOURS.length]!;
}

/** The one texture of two shapes in three that is held out: 12 of 108 pairs. Every texture keeps 16 of 18 shapes. */
export function heldOutTexture(shape: Shape): Texture | undefined {
  const index = SHAPES.indexOf(shape);
  if (index % 3 === 0) return undefined;
  return TEXTURES[(index - 1 - Math.floor(index / 3)) % TEXTURES.length];
}

/** Whether an object is of a held-out combination. */
export function isHeldOut({ shape, colour, texture }: { shape: Shape; colour: Colour; texture: Texture }): boolean {
  return colour === heldOutColour(shape) || texture === heldOutTexture(shape);
}
