/** Turns a scene into pixels. */
import { UsageError } from "../../engine/errors.js";
import { type RgbImage, rgbImage } from "../../engine/media/image.js";
import { paintBackground } from "./backgrounds.js";
import type { Canvas } from "./canvas.js";
import { outlineOf, REACH } from "./outlines.js";
import type { Scene, SceneObject } from "./scene.js";
import { inside } from "../distance.js";
import { applyStyle } from "./styles.js";
import { tonesOf } from "./textures.js";
import { PAINTS } from "./vocabulary.js";

/** The smallest and the largest side of a picture, in pixels. */
const SIZES = [8, 4096] as const;
/** Of the outline: in units of an object's plane, but no less than this fraction of the picture's side. */
const OUTLINE = 0.075;
const LEAST_OUTLINE = 0.8 / 64;
/** How much lighter an object is at its upper left than in its middle. */
const SHADING = 0.13;

/** A picture of `size` × `size` pixels. The same scene gives the same bytes in every JavaScript engine. */
export function renderScene(scene: Scene, size = 64): RgbImage {
  const out = new Uint8Array(size * size * 3);
  renderInto(scene, size, out);
  return rgbImage(size, size, out);
}

/**
 * Writes the picture's size · size · 3 bytes to `out`, and allocates next to nothing. Throws `UsageError` when `size` is
 * no whole number from 8 to 4096, or `out` is of another length.
 */
export function renderInto(scene: Scene, size: number, out: Uint8Array): void {
  checkSize(size);
  if (out.length !== 3 * size * size) {
    const expected = `${3 * size * size} bytes`;
    throw new UsageError({ what: "the picture does not fit", where: "out", got: `${out.length} bytes`, expected });
  }
  const canvas = canvasOf(size);
  paintBackground(canvas, scene.background, scene.seed);
  for (const object of scene.objects) paintObject(canvas, object);
  applyStyle(canvas, scene.style, scene.seed);
  const { data } = canvas;
  for (let i = 0; i < out.length; i++) {
    const value = data[i]! + 0.5;
    out[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
}

export function checkSize(size: number): void {
  const [least, most] = SIZES;
  if (Number.isInteger(size) && size >= least && size <= most) return;
  const expected = `a whole number from ${least} to ${most}`;
  throw new UsageError({ what: "no picture has this size", where: "size", got: String(size), expected });
}

/** The one used last: a training loop asks for the same size again and again. */
let lastCanvas: Canvas = { size: 0, data: new Float32Array(0) };

function canvasOf(size: number): Canvas {
  if (lastCanvas.size !== size) lastCanvas = { size, data: new Float32Array(3 * size * size) };
  return lastCanvas;
}

function paintObject({ data, size }: Canvas, object: SceneObject): void {
  const { field, left, right, top, bottom, sharpness, xx, xy, x0, yx, yy, y0 } = outlineOf(object, size);
  const tones = tonesOf(object, sharpness);
  const { colour, ink, second } = PAINTS[object.colour];
  const line = Math.max(OUTLINE, LEAST_OUTLINE / (object.scale / 2));
  const far = REACH + 1 / sharpness;
  const reach = far * far;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const u = x * xx + y * xy + x0;
      const v = x * yx + y * yy + y0;
      if (u * u + v * v > reach) continue;
      const distance = field.distance(u, v);
      const alpha = inside(distance, sharpness);
      if (alpha === 0) continue;
      const detail = field.detail?.(u, v, sharpness) ?? 0;
      const inked = Math.max(detail, inside(-distance - line, sharpness));
      const toned = Math.max(-detail, tones(u, v));
      const light = 1 - SHADING * (0.4 * u + 0.7 * v);
      const at = 3 * (y * size + x);
      const main = (1 - toned) * light * (1 - inked) * alpha;
      const other = toned * light * (1 - inked) * alpha;
      const lined = inked * alpha;
      const kept = 1 - alpha;
      data[at] = data[at]! * kept + colour[0] * main + second[0] * other + ink[0] * lined;
      data[at + 1] = data[at + 1]! * kept + colour[1] * main + second[1] * other + ink[1] * lined;
      data[at + 2] = data[at + 2]! * kept + colour[2] * main + second[2] * other + ink[2] * lined;
    }
  }
}
