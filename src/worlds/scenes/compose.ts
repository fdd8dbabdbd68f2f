/** Scenes with what one wants to see in them. */
import { UsageError } from "../../engine/errors.js";
import type { Random } from "../../engine/tensor/random.js";
import { positionOf, type Scene } from "./scene.js";
import { MAX_OBJECTS, sampleScene } from "./sample.js";
import type { Background, Colour, Position, Shape, Size, Style, Texture } from "./vocabulary.js";

/** What is left out is drawn at random. */
export interface ObjectWish {
  readonly shape: Shape;
  readonly colour?: Colour;
  readonly texture?: Texture;
  readonly size?: Size;
  readonly position?: Position;
}

export interface SceneWish {
  /** From 1 to `MAX_OBJECTS`. */
  readonly objects: readonly ObjectWish[];
  readonly background?: Background;
  readonly style?: Style;
}

/** Draws for a size and a position; what crowded scenes cannot give is not insisted on. */
const TRIES = 200;

/**
 * A random scene with these objects, background and style, and as many of the sizes and positions as a draw of many gave. Throws
 * {@link UsageError} for no objects and for too many.
 */
export function composeScene(random: Random, { objects, background, style }: SceneWish): Scene {
  const count = objects.length;
  if (count < 1 || count > MAX_OBJECTS) {
    throw new UsageError({
      what: "no scene can be drawn so",
      where: "objects",
      got: String(count),
      expected: `1 to ${MAX_OBJECTS}`,
    });
  }
  let best: Scene | undefined;
  let most = -1;
  for (let i = 0; i < TRIES && most < count; i++) {
    const scene = draw(random, { objects, ...(background && { background }), ...(style && { style }) });
    const fitting = objects.filter(({ size, position }, at) => {
      const object = scene.objects[at]!;
      return (size ?? object.size) === object.size && (position ?? positionOf(object)) === positionOf(object);
    });
    if (fitting.length > most) [best, most] = [scene, fitting.length];
  }
  return best!;
}

function draw(random: Random, { objects, background, style }: SceneWish): Scene {
  // Each object is taken from a draw of its own shape, so that it stands as that shape may; places are of one draw.
  const places = sampleScene(random, {
    objects: [objects.length, objects.length],
    ...(background && { backgrounds: [background] }),
    ...(style && { styles: [style] }),
  });
  return {
    ...places,
    objects: places.objects.map(({ x, y, size, scale }, i) => {
      const { shape, colour, texture } = objects[i]!;
      const [own] = sampleScene(random, { objects: [1, 1], shapes: [shape] }).objects;
      return { ...own!, x, y, size, scale, ...(colour && { colour }), ...(texture && { texture }) };
    }),
  };
}
