import { box, ellipse, inside } from "../../distance.js";
import { sine } from "../../portable-math.js";
import { type Build, headDistance, lit, project, smooth, surfaceAt, type Surface } from "../build.js";
import { blend, type Canvas, type Ink, paint, put, shade } from "../canvas.js";
import { chosen, FELTS, mixed, type Rgb, scaled } from "../palette.js";
import type { Hat } from "../vocabulary.js";

const at: Surface = { nx: 0, ny: 0, nz: 0, x: 0, y: 0 };
const RIMS = { none: undefined, beanie: -0.4, cap: -0.42, "brimmed hat": -0.44 } as const;

/** The height on the face at which a hat ends; undefined without one. */
export function hatRim(hat: Hat): number | undefined {
  return RIMS[hat];
}

export function paintHat(canvas: Canvas, build: Build): void {
  const { hat, proportions } = build.face.identity;
  const colour = chosen(FELTS, proportions.hatColour);
  if (hat === "beanie") paintBeanie(canvas, build, colour);
  else if (hat === "cap") paintCap(canvas, build, colour);
  else if (hat === "brimmed hat") paintBrimmed(canvas, build, colour);
}

function set(ink: Ink, colour: Rgb, tone: number): void {
  put(ink, colour);
  shade(ink, tone);
}

function paintBeanie(canvas: Canvas, build: Build, colour: Rgb): void {
  const { head, turn, face } = build;
  const { seed } = face.identity;
  const light = mixed(colour, [255, 255, 255], 0.28);
  const [px, py] = [-0.22 * turn.sinYaw, -1.22 - 0.1 * turn.sinPitch];
  if (seed % 3 !== 0) {
    paint(canvas, head, [px - 0.26, py - 0.26, px + 0.26, py + 0.26], "hat", (x, y, ink) => {
      const [u, v] = [x - px, y - py];
      const fluff = 0.02 * sine(38 * u + 9 * v) * sine(35 * v);
      set(ink, light, lit(build, 3 * u, 3 * v, 0.6) + 3 * fluff);
      return inside(Math.sqrt(u * u + v * v) - 0.19 + fluff, head.sharpness);
    });
  }
  paint(canvas, head, [-1.2, -1.4, 1.2, 0.1], "hat", (x, y, ink) => {
    surfaceAt(build, x, y, at);
    const band = at.y > RIMS.beanie - 0.2;
    const distance = Math.max(headDistance(build, x, y) - (band ? 0.13 : 0.1), at.y - RIMS.beanie - 0.05 * at.x * at.x);
    const ribs = 0.09 * sine(30 * at.x) * (band ? 1 : 0.5);
    const fold = band ? 0 : 0.16 * (1 - smooth(0, 0.12, RIMS.beanie - 0.2 - at.y));
    set(ink, band ? light : colour, lit(build, at.nx, at.ny, at.nz) + ribs - fold);
    return inside(distance, head.sharpness);
  });
}

function paintCap(canvas: Canvas, build: Build, colour: Rgb): void {
  const { head, face } = build;
  const second = (face.identity.seed & 2) === 0 ? scaled(colour, 0.62) : mixed(colour, [255, 255, 255], 0.7);
  paint(canvas, head, [-1.2, -1.4, 1.2, 0.1], "hat", (x, y, ink) => {
    surfaceAt(build, x, y, at);
    const distance = Math.max(headDistance(build, x, y) - 0.1, at.y - RIMS.cap);
    const seam = 0.16 * smooth(0.03, 0.01, Math.abs(Math.abs(at.x) - 0.3 - 0.25 * (at.y + 0.4)));
    set(ink, colour, lit(build, at.nx, at.ny, at.nz) - seam);
    return inside(distance, head.sharpness);
  });
  const [cx, cy] = project(build, 0, RIMS.cap + 0.03, 1.04);
  const [bx, by] = project(build, 0, RIMS.cap - 0.04, 0.66);
  paint(canvas, head, [cx - 0.8, cy - 0.4, cx + 0.8, cy + 0.4], "hat", (x, y, ink) => {
    const front = ellipse(x - cx, y - cy, 0.68, 0.27);
    // Cut off where it meets the cap.
    const root = by - 0.02 + 0.22 * (x - bx) * (x - bx) - y;
    const edge = smooth(0.05, 0, Math.abs(front));
    set(ink, second, 0.92 - 0.25 * edge + 0.1 * build.light.x * (x - cx));
    return inside(Math.max(front, root), head.sharpness);
  });
}

function paintBrimmed(canvas: Canvas, build: Build, colour: Rgb): void {
  const { head } = build;
  const rim = RIMS["brimmed hat"];
  const [cx, cy] = project(build, 0, rim - 0.05, 0.1);
  const [tx, ty] = project(build, 0, -0.95, -0.02);
  const ribbon = scaled(colour, 0.45);
  const tall = 0.24 - 0.5 * build.turn.sinPitch;
  paint(canvas, head, [-1.6, cy - 0.6, 1.6, cy + 0.6], "hat", (x, y, ink) => {
    const distance = ellipse(x - cx, y - cy, 1.3, Math.max(0.1, tall));
    set(ink, colour, 0.86 - 0.22 * smooth(-0.02, 0.16, y - cy) + 0.12 * build.light.x * (x - cx));
    return inside(distance, head.sharpness);
  });
  paint(canvas, head, [-1.2, -1.7, 1.2, cy + 0.3], "hat", (x, y, ink) => {
    const half = 0.68 + 0.1 * (y - ty);
    const dome = box(x - tx - (cx - tx) * smooth(-1.2, -0.4, y), y - ty - 0.05, half - 0.26, 0.52 - 0.26) - 0.26;
    const foot = y - cy - 0.03 - 0.12 * (1 - ((x - cx) * (x - cx)) / 0.6);
    const banded = smooth(0.2, 0.17, -foot);
    const bend = Math.max(-1, Math.min(1, (x - tx) / 0.78));
    const tone = lit(build, bend, -0.2, 0.6);
    put(ink, colour);
    blend(ink, ribbon, banded);
    shade(ink, tone);
    return inside(Math.max(dome, foot), head.sharpness);
  });
}
