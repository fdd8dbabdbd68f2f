/** Turns a face into pixels. */
import { UsageError } from "../../engine/errors.js";
import { type RgbImage, rgbImage } from "../../engine/media/image.js";
import { buildOf } from "./build.js";
import type { Canvas } from "./canvas.js";
import type { Face } from "./face.js";
import { paintBackdrop } from "./parts/backdrop.js";
import { paintBeard } from "./parts/beard.js";
import { paintClothes, paintEars, paintNeck } from "./parts/body.js";
import { paintBrows, paintEyes } from "./parts/eyes.js";
import { paintGlasses, paintTemples } from "./parts/glasses.js";
import { paintHairBefore, paintHairBehind, paintLocks } from "./parts/hair.js";
import { paintHat } from "./parts/hat.js";
import { paintMouth } from "./parts/mouth.js";
import { paintNose } from "./parts/nose.js";
import { paintSkin, type SurfaceMap } from "./parts/skin.js";

/** The smallest and the largest side of a picture, in pixels. */
const SIZES = [16, 2048] as const;

interface Scratch extends Canvas {
  readonly map: SurfaceMap;
}

/** The one used last: drawing many allocates next to nothing. */
let lastScratch: Scratch | undefined;

/**
 * A picture of `size` × `size` pixels. The same face gives the same bytes in every JavaScript engine. Throws `UsageError`
 * for a size that is no whole number from 16 to 2048.
 */
export function drawFace(face: Face, size = 64): RgbImage {
  const { data } = paintFace(face, size);
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) {
    const level = data[i]! + 0.5;
    bytes[i] = level < 0 ? 0 : level > 255 ? 255 : level;
  }
  return rgbImage(size, size, bytes);
}

/** Valid until the next call. */
export function paintFace(face: Face, size: number): Canvas {
  checkSize(size);
  const canvas = scratchOf(size);
  const build = buildOf(face, size);
  const { map } = canvas;
  paintBackdrop(canvas, face.photo);
  paintHairBehind(canvas, build);
  paintNeck(canvas, build);
  paintClothes(canvas, build);
  paintEars(canvas, build);
  paintLocks(canvas, build);
  paintSkin(canvas, build, map);
  paintNose(canvas, build);
  paintBeard(canvas, build);
  paintMouth(canvas, build, map);
  paintEyes(canvas, build, map);
  paintBrows(canvas, build, map);
  paintTemples(canvas, build);
  paintHairBefore(canvas, build);
  paintGlasses(canvas, build);
  paintHat(canvas, build);
  expose(canvas, face.photo);
  return canvas;
}

/** The camera: brightness, and the colour of the light. */
function expose({ data }: Canvas, { exposure, warmth }: Face["photo"]): void {
  const gains = [exposure * (1 + 0.07 * warmth), exposure, exposure * (1 - 0.09 * warmth)] as const;
  for (let i = 0; i < data.length; i += 3) {
    data[i] = data[i]! * gains[0];
    data[i + 1] = data[i + 1]! * gains[1];
    data[i + 2] = data[i + 2]! * gains[2];
  }
}

function scratchOf(size: number): Scratch {
  if (lastScratch?.size === size) return lastScratch;
  const plane = size * size;
  const map = { x: new Float32Array(plane), y: new Float32Array(plane) };
  return (lastScratch = { size, data: new Float32Array(3 * plane), parts: new Uint8Array(plane), map });
}

export function checkSize(size: number): void {
  const [least, most] = SIZES;
  if (Number.isInteger(size) && size >= least && size <= most) return;
  const expected = `a whole number from ${least} to ${most}`;
  throw new UsageError({ what: "no picture has this size", where: "size", got: String(size), expected });
}
