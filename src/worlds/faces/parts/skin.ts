import { inside } from "../../distance.js";
import { hashUnit, sine } from "../../portable-math.js";
import { type Build, glow, headDistance, lit, smooth, type Surface, surfaceAt } from "../build.js";
import { blend, type Canvas, paint, put, shade } from "../canvas.js";
import { BLUSH, type Rgb } from "../palette.js";
import { hairlineDistance } from "./hairline.js";
import { hatRim } from "./hat.js";

const GLEAM: Rgb = [255, 246, 236];

/** The head without what is on it, with soft light; `map` gets what place of the face each pixel shows. */
export function paintSkin(canvas: Canvas, build: Build, map: SurfaceMap): void {
  const { head, skin, face } = build;
  const { proportions, seed, hairLength } = face.identity;
  const rim = hatRim(face.identity.hat);
  const at: Surface = { nx: 0, ny: 0, nz: 0, x: 0, y: 0 };
  const spot: Rgb = [skin[0] * 0.66, skin[1] * 0.5, skin[2] * 0.42];
  const blush = 0.16 + 0.1 * proportions.blush;
  paint(canvas, head, [-1.15, -1.15, 1.15, 1.35], "skin", (x, y, ink, pixel) => {
    surfaceAt(build, x, y, at);
    map.x[pixel] = at.x;
    map.y[pixel] = at.y;
    const distance = headDistance(build, x, y);
    const alpha = inside(distance, head.sharpness);
    if (alpha === 0) return 0;
    let tone = lit(build, at.nx, at.ny, at.nz) * (1 - 0.14 * (1 - at.nz) * (1 - at.nz));
    const across = Math.abs(at.x);
    // Sockets, and what lies below the lip.
    tone -= 0.1 * glow(across - build.eyes.x, at.y + 0.02, 0.27, 0.22);
    tone -= 0.12 * glow(at.x, at.y - build.mouth.y - 0.15, 0.2, 0.07);
    // Hair and hats throw a shadow.
    if (hairLength !== "none") tone -= 0.2 * (1 - smooth(0, 0.13, hairlineDistance(build, at.x, at.y - 0.02)));
    if (rim !== undefined) tone -= 0.3 * (1 - smooth(0, 0.22, at.y - rim));
    const cheek = blush * glow(across - 0.45, at.y - 0.34, 0.27, 0.2);
    const freckled = proportions.freckles > 0 ? 0.5 * freckle(at.x, at.y, seed, proportions.freckles) : 0;
    put(ink, skin);
    blend(ink, BLUSH, cheek);
    if (freckled > 0) blend(ink, spot, freckled);
    shade(ink, tone);
    // A gleam on the forehead and on the cheek that face the light.
    blend(ink, GLEAM, 0.17 * glow(at.nx - 0.5 * build.light.x, at.ny + 0.45, 0.36, 0.32));
    return alpha;
  });
}

/** For each pixel, the place of the face that it shows; not set where the head's layer did not pass. */
export interface SurfaceMap {
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** Dots over the nose and the cheeks. */
function freckle(x: number, y: number, seed: number, amount: number): number {
  const where = glow(x, y - 0.26, 0.68, 0.24);
  if (where === 0) return 0;
  const cell = 0.072;
  const [column, row] = [Math.floor(x / cell), Math.floor(y / cell)];
  if (hashUnit(column, row, seed) > 0.35 + 0.4 * amount) return 0;
  const u = x / cell - column - 0.3 - 0.4 * hashUnit(column, row, seed + 1);
  const v = y / cell - row - 0.3 - 0.4 * hashUnit(column, row, seed + 2);
  return Math.sqrt(where) * (0.7 + 0.3 * sine(3 * column + row)) * glow(u, v, 0.3, 0.3) * 1.5;
}
