/** Changes of a scene, each giving another scene. Objects are named by their place; later ones lie in front. */
import { COLOURS, MAX_OBJECTS, type Scene, type SceneObject, SHAPES, sizeOfScale, typicalScale } from "vitrine/scenes";

/** Objects that a scene may have here: more than the model was trained on are allowed, to see what it makes of them. */
export const MOST_OBJECTS = 12;
export const TRAINED_OBJECTS = MAX_OBJECTS;
export const SCALES = [0.08, 1] as const;

const FULL_TURN = 2 * Math.PI;

const within = (value: number, [least, most]: readonly [number, number]): number =>
  Math.min(most, Math.max(least, value));
/** Fine enough for any picture, and short in links. */
const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;

export function withObject(scene: Scene, at: number, change: Partial<SceneObject>): Scene {
  return { ...scene, objects: scene.objects.map((one, i) => (i === at ? { ...one, ...change } : one)) };
}

export function placed(scene: Scene, at: number, x: number, y: number): Scene {
  return withObject(scene, at, { x: rounded(within(x, [0, 1])), y: rounded(within(y, [0, 1])) });
}

/** To an extent; what the size is called follows. */
export function scaled(scene: Scene, at: number, scale: number): Scene {
  const extent = rounded(within(scale, SCALES));
  return withObject(scene, at, { scale: extent, size: sizeOfScale(extent) });
}

export const resized = (scene: Scene, at: number, size: SceneObject["size"]): Scene =>
  withObject(scene, at, { size, scale: rounded(typicalScale(size)) });

/** To an angle in radians, clockwise, kept within half a turn either way. */
export function turned(scene: Scene, at: number, rotation: number): Scene {
  return withObject(scene, at, { rotation: rounded(rotation - FULL_TURN * Math.round(rotation / FULL_TURN)) });
}

export const flipped = (scene: Scene, at: number): Scene =>
  withObject(scene, at, { flipped: !scene.objects[at]!.flipped });

export function removed(scene: Scene, at: number): Scene {
  return { ...scene, objects: scene.objects.toSpliced(at, 1) };
}

/** One step nearer (1) or further back (-1). */
export function reordered(scene: Scene, at: number, step: 1 | -1): Scene {
  const to = at + step;
  if (to < 0 || to >= scene.objects.length) return scene;
  const objects = [...scene.objects];
  [objects[at], objects[to]] = [objects[to]!, objects[at]!];
  return { ...scene, objects };
}

/** With a further object in front, of a shape and colour that are not there yet. */
export function added(scene: Scene): Scene {
  const { objects } = scene;
  const shape = SHAPES.find((one) => objects.every((other) => other.shape !== one)) ?? SHAPES[0];
  const colour = COLOURS.find((one) => objects.every((other) => other.colour !== one)) ?? COLOURS[0];
  const scale = rounded(typicalScale("medium"));
  const [x, y] = freePlace(objects);
  const looks = { texture: "solid", size: "medium", rotation: 0, flipped: false } as const;
  return { ...scene, objects: [...objects, { shape, colour, ...looks, x, y, scale, seed: objects.length }] };
}

/** A copy in front, a little aside. */
export function doubled(scene: Scene, at: number): Scene {
  const object = scene.objects[at]!;
  const aside = (value: number): number => rounded(value > 0.85 ? value - 0.1 : value + 0.1);
  return { ...scene, objects: [...scene.objects, { ...object, x: aside(object.x), y: aside(object.y) }] };
}

/** Of nine places, the one furthest from all objects. */
function freePlace(objects: readonly SceneObject[]): readonly [number, number] {
  const places = [0.5, 0.25, 0.75].flatMap((y) => [0.5, 0.25, 0.75].map((x) => [x, y] as const));
  const room = ([x, y]: readonly [number, number]): number =>
    Math.min(...objects.map((object) => Math.hypot(object.x - x, object.y - y) - object.scale / 2));
  return places.reduce((a, b) => (room(b) > room(a) ? b : a));
}
