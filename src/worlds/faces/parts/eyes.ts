import { inside } from "../../distance.js";
import { type Build, shaded, smooth } from "../build.js";
import { blend, type Canvas, dim, paint, put } from "../canvas.js";
import { IRISES, mixed, type Rgb } from "../palette.js";
import { around } from "./around.js";
import type { SurfaceMap } from "./skin.js";

const OPENINGS = { round: 0.155, almond: 0.128, narrow: 0.088 } as const;

const WHITE: Rgb = [250, 248, 245];
const PUPIL: Rgb = [18, 14, 18];
const SPARK: Rgb = [255, 255, 255];

export function paintEyes(canvas: Canvas, build: Build, map: SurfaceMap): void {
  for (const side of [-1, 1]) paintEye(canvas, build, map, side);
}

function paintEye(canvas: Canvas, build: Build, map: SurfaceMap, side: number): void {
  const { head, eyes, face, light, skin, turn } = build;
  const { eyeShape, eyeColour, proportions } = face.identity;
  const { eyesOpen, gazeX, gazeY, smile } = face.photo;
  const width = 0.2 * eyes.size;
  const open = OPENINGS[eyeShape] * eyes.size * eyesOpen;
  const low = 0.62 * open * (1 - 0.3 * Math.max(0, smile));
  const tilt = 0.14 * proportions.eyeTilt + (eyeShape === "almond" ? 0.1 : 0);
  const iris = 0.118 * eyes.size;
  // Eyes turn back a little to whoever looks at them.
  const irisX = 0.05 * gazeX - 0.07 * turn.sinYaw;
  const irisY = -0.012 + 0.03 * gazeY + 0.05 * turn.sinPitch;
  const colour = IRISES[eyeColour];
  const lash: Rgb = mixed([38, 28, 30], build.hair, 0.12);
  const fold = shaded(skin, 0.35);
  const box = around(build, side * eyes.x, eyes.y, 0.34, 0.34);
  paint(canvas, head, box, "eyes", (_x, _y, ink, pixel) => {
    const u = map.x[pixel]! - side * eyes.x;
    const out = side * u;
    const v = map.y[pixel]! - eyes.y + tilt * out;
    const t = out / width;
    const bulge = 1 - t * t;
    const top = -open * bulge;
    const bottom = low * bulge;
    const ball = 0.9 * Math.max(top - v, v - bottom, Math.abs(out) - width);
    const sharp = head.sharpness;
    const seen = inside(ball, sharp);
    // The upper lid's edge is thick towards the outside.
    const lid = Math.abs(t) < 1.16 ? Math.abs(v - top) - (0.022 + 0.012 * smooth(-1, 1, t)) : 1;
    const lashes = inside(Math.max(lid, Math.abs(out) - width * 1.12), sharp);
    const rim = 0.35 * inside(Math.max(Math.abs(v - bottom) - 0.008, Math.abs(out) - width), sharp);
    const crease = 0.4 * inside(Math.max(Math.abs(v - top + 0.075) - 0.01, Math.abs(out) - width * 0.95), sharp);
    if (seen === 0 && lashes === 0 && rim === 0 && crease === 0) return 0;
    const [dx, dy] = [u - irisX, v - irisY];
    const far = Math.sqrt(dx * dx + dy * dy);
    const white = 1 - 0.28 * smooth(0.09, -0.02, v - top) - 0.12 * t * t;
    put(ink, WHITE);
    dim(ink, white);
    const coloured = inside(far - iris, sharp);
    if (coloured > 0) {
      // Lighter below, as light that falls in from above leaves it; a dark ring around.
      const depth = 0.72 + 0.5 * smooth(-iris, iris, dy) - 0.45 * smooth(0.7, 1, far / iris);
      ink.r += (colour[0] * depth - ink.r) * coloured;
      ink.g += (colour[1] * depth - ink.g) * coloured;
      ink.b += (colour[2] * depth - ink.b) * coloured;
      blend(ink, PUPIL, inside(far - 0.5 * iris, sharp));
    }
    const [sx, sy] = [dx - 0.045 * light.x - 0.012, dy + 0.045];
    blend(ink, SPARK, 0.95 * inside(Math.sqrt(sx * sx + sy * sy) - 0.032, sharp));
    // What is not eye is lashes, the lower rim and the fold above.
    const line = Math.max(lashes, (1 - seen) * Math.max(rim, crease));
    const dark = lashes > 0 ? lashes / Math.max(line, 1e-6) : 0;
    const alpha = Math.max(seen, line);
    const share = lashes > 0 ? Math.max(lashes, 1 - seen) : seen > 0 ? 1 - seen : 1;
    ink.r += (fold[0] + (lash[0] - fold[0]) * dark - ink.r) * share;
    ink.g += (fold[1] + (lash[1] - fold[1]) * dark - ink.g) * share;
    ink.b += (fold[2] + (lash[2] - fold[2]) * dark - ink.b) * share;
    return alpha;
  });
}

const BROWS = {
  thin: { thick: 0.022, arch: 0.055, base: -0.25 },
  thick: { thick: 0.06, arch: 0.04, base: -0.27 },
  arched: { thick: 0.036, arch: 0.105, base: -0.24 },
  straight: { thick: 0.042, arch: 0.008, base: -0.25 },
} as const;

export function paintBrows(canvas: Canvas, build: Build, map: SurfaceMap): void {
  const { head, eyes, face, hair, skin } = build;
  const { brows, proportions, hairColour } = face.identity;
  const { thick, arch, base } = BROWS[brows];
  const y0 = eyes.y + base - 0.035 * proportions.browHeight - 0.035 * face.photo.browLift;
  const half = 0.235;
  const colour = mixed(mixed(hair, [60, 44, 40], hairColour === "black" ? 0 : 0.35), skin, 0.08);
  for (const side of [-1, 1]) {
    const x0 = side * (eyes.x + 0.015);
    paint(canvas, head, around(build, x0, y0, 0.34, 0.24), "brows", (_x, _y, ink, pixel) => {
      const out = side * (map.x[pixel]! - x0);
      const t = out / half;
      const bent = y0 - arch * (1 - (t - 0.12) * (t - 0.12)) - 0.035 * (1 - t) - 0.055 * proportions.browTilt * t;
      const width = thick * (1 - 0.55 * smooth(-0.4, 1, t));
      const [beyond, off] = [Math.max(0, Math.abs(out) - half + width), map.y[pixel]! - bent];
      const distance = Math.sqrt(beyond * beyond + off * off) - width;
      put(ink, colour);
      return 0.93 * inside(distance, head.sharpness);
    });
  }
}
