/** What is to be seen in a picture, exactly. */
import { outlineOf } from "./outlines.js";
import { checkSize } from "./render.js";
import { positionOf, relationOf, type Scene, type SceneObject } from "./scene.js";
import type { Background, Colour, Position, Relation, Shape, Size, Style, Texture } from "./vocabulary.js";

/** In pixels; `right` and `bottom` are excluded. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface ObjectTruth {
  readonly shape: Shape;
  readonly colour: Colour;
  readonly texture: Texture;
  readonly size: Size;
  readonly position: Position;
  /** size · size; 1 where the pixel's centre lies in the object and nothing lies before it. */
  readonly mask: Uint8Array;
  /** Around the mask; undefined when nothing of the object is to be seen. */
  readonly box: Box | undefined;
  /** Pixels in the mask. */
  readonly area: number;
  /** Share of the object's pixels that no other object hides, from 0 to 1. */
  readonly visible: number;
}

/** `subject` and `object` are indices of objects. */
export interface SceneRelation {
  readonly subject: number;
  readonly relation: Relation;
  readonly object: number;
}

export interface SceneTruth {
  readonly background: Background;
  readonly style: Style;
  readonly objects: readonly ObjectTruth[];
  readonly relations: readonly SceneRelation[];
}

/** Of the picture that `renderScene(scene, size)` gives. Styles change no mask. */
export function sceneTruth(scene: Scene, size = 64): SceneTruth {
  checkSize(size);
  const masks = scene.objects.map((object) => maskOf(object, size));
  const areas = masks.map(count);
  for (const [i, mask] of masks.entries()) for (const nearer of masks.slice(i + 1)) hide(mask, nearer);
  const objects = scene.objects.map((object, i): ObjectTruth => {
    const [mask, whole] = [masks[i]!, areas[i]!];
    const area = count(mask);
    const { shape, colour, texture, size: extent } = object;
    const looks = { shape, colour, texture, size: extent, position: positionOf(object) };
    return { ...looks, mask, box: boxAround(mask, size), area, visible: whole === 0 ? 0 : area / whole };
  });
  return { background: scene.background, style: scene.style, objects, relations: relationsOf(scene) };
}

/** For every ordered pair of objects that lie far enough apart. */
export function relationsOf({ objects }: Scene): SceneRelation[] {
  return objects.flatMap((a, subject) =>
    objects.flatMap((b, object) => {
      const relation = a === b ? undefined : relationOf(a, b);
      return relation === undefined ? [] : [{ subject, relation, object }];
    }),
  );
}

function maskOf(object: SceneObject, size: number): Uint8Array {
  const { field, left, right, top, bottom, xx, xy, x0, yx, yy, y0 } = outlineOf(object, size);
  const mask = new Uint8Array(size * size);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      if (field.distance(x * xx + y * xy + x0, x * yx + y * yy + y0) < 0) mask[y * size + x] = 1;
    }
  }
  return mask;
}

/** Takes out of `mask` what lies behind `nearer`. */
function hide(mask: Uint8Array, nearer: Uint8Array): void {
  for (let at = 0; at < mask.length; at++) if (nearer[at] === 1) mask[at] = 0;
}

function count(mask: Uint8Array): number {
  let ones = 0;
  for (const one of mask) ones += one;
  return ones;
}

function boxAround(mask: Uint8Array, size: number): Box | undefined {
  let [left, top, right, bottom] = [size, size, 0, 0];
  for (let at = mask.indexOf(1); at >= 0; at = mask.indexOf(1, at + 1)) {
    const [x, y] = [at % size, Math.floor(at / size)];
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
  }
  return right === 0 ? undefined : { left, top, right, bottom };
}
