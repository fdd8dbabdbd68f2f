import { box, inside, stroke } from "../../distance.js";
import { type Build, project, smooth } from "../build.js";
import { blend, type Box, type Canvas, type Frame, paint, put } from "../canvas.js";
import { chosen, FRAMES, type Rgb, scaled } from "../palette.js";

/** Before the face, so that they move against it when the head turns. */
const PLANE = 0.86;
const HALF_WIDTH = { round: 0.235, square: 0.25, sunglasses: 0.265 } as const;

const NIGHT: Rgb = [26, 24, 34];
const DUSK: Rgb = [84, 72, 88];
const GLARE: Rgb = [240, 246, 255];

interface Spectacles {
  readonly kind: keyof typeof HALF_WIDTH;
  readonly colour: Rgb;
  /** Half of the frame's thickness, and of a lens' width. */
  readonly thick: number;
  readonly half: number;
  /** Middle of the lens on the right. */
  readonly x: number;
  readonly y: number;
}

function spectaclesOf({ face, head, eyes }: Build): Spectacles | undefined {
  const { glasses: kind, proportions } = face.identity;
  if (kind === "none") return undefined;
  const colour = scaled(chosen(FRAMES, proportions.frameColour), kind === "sunglasses" ? 0.7 : 1);
  // A frame is never thinner than two thirds of a pixel.
  const thick = Math.max(kind === "sunglasses" ? 0.03 : 0.026, 0.34 / head.sharpness);
  const half = HALF_WIDTH[kind];
  return { kind, colour, thick, half, x: Math.max(eyes.x, half + 0.055), y: eyes.y + 0.025 };
}

/** From the lenses to the ears, below hair. */
export function paintTemples(canvas: Canvas, build: Build): void {
  const spectacles = spectaclesOf(build);
  if (spectacles === undefined) return;
  const { x, y, half, thick } = spectacles;
  const colour = scaled(spectacles.colour, 0.85);
  for (const side of [-1, 1]) {
    const hinge = project(build, side * (x + half), y - 0.06, PLANE - 0.12);
    const ear = project(build, side * build.outline.width, y - 0.03, 0.05);
    // On the far side, the lens hides it.
    if (side * (ear[0] - hinge[0]) <= 0) continue;
    paint(canvas, build.head, spanOf(hinge, ear, 0.06), "glasses", (u, v, ink) => {
      put(ink, colour);
      return inside(stroke(u, v, hinge, ear, thick * 0.9), build.head.sharpness);
    });
  }
}

export function paintGlasses(canvas: Canvas, build: Build): void {
  const spectacles = spectaclesOf(build);
  if (spectacles === undefined) return;
  paintBridge(canvas, build, spectacles);
  for (const side of [-1, 1]) paintLens(canvas, build, spectacles, side);
}

function paintBridge(canvas: Canvas, build: Build, { x: x0, y: y0, half, thick, colour }: Spectacles): void {
  const left = project(build, half - x0, y0 - 0.05, PLANE);
  const right = project(build, x0 - half, y0 - 0.05, PLANE);
  paint(canvas, build.head, spanOf(left, right, 0.12), "glasses", (x, y, ink) => {
    put(ink, colour);
    const t = (x - left[0]) / (right[0] - left[0]);
    return inside(stroke(x, y + 0.14 * t * (1 - t), left, right, thick), build.head.sharpness);
  });
}

function paintLens(canvas: Canvas, build: Build, spectacles: Spectacles, side: number): void {
  const { kind, colour, thick, half } = spectacles;
  const lens = lensFrame(build, spectacles, side);
  paint(canvas, lens, [-0.34, -0.34, 0.34, 0.34], "glasses", (u, v, ink) => {
    const distance = lensDistance(kind, half, u, v, side);
    const ring = inside(Math.abs(distance + thick) - thick, lens.sharpness);
    const glass = inside(distance + thick, lens.sharpness);
    const gleam = smooth(0.04, 0.02, Math.abs(u + 0.65 * v + 0.055) - 0.028);
    if (kind === "sunglasses") {
      put(ink, NIGHT);
      blend(ink, DUSK, smooth(-0.25, 0.3, v));
      blend(ink, GLARE, 0.3 * gleam);
      blend(ink, colour, ring);
      return Math.max(ring, glass);
    }
    const clear = glass * (0.1 + 0.3 * gleam * smooth(0.1, -0.1, v));
    put(ink, GLARE);
    if (ring > 0) blend(ink, colour, ring / Math.max(ring, clear));
    return Math.max(ring, clear);
  });
}

/** From pixels to a lens: its own plane, bent back a little at the outside. */
function lensFrame(build: Build, { x, y }: Spectacles, side: number): Frame {
  const { head, turn } = build;
  const [cx, cy] = project(build, side * x, y, PLANE);
  const wide = turn.cosYaw - 0.22 * side * turn.sinYaw;
  const tall = turn.cosPitch;
  return {
    ux: head.ux / wide,
    uy: head.uy / wide,
    u0: (head.u0 - cx) / wide,
    vx: head.vx / tall,
    vy: head.vy / tall,
    v0: (head.v0 - cy) / tall,
    sharpness: head.sharpness * Math.sqrt(wide * tall),
  };
}

function lensDistance(kind: Spectacles["kind"], half: number, u: number, v: number, side: number): number {
  if (kind === "round") return Math.sqrt(u * u + v * v) - half;
  if (kind === "square") return box(u, v, half - 0.07, 0.19 - 0.07) - 0.07;
  // Wider above than below, and drooping outwards a little.
  const wide = half - 0.1 - 0.12 * Math.max(0, v);
  return box(u, v - 0.05 * side * u, wide, 0.2 - 0.1) - 0.1;
}

type Point = readonly [x: number, y: number];

function spanOf(a: Point, b: Point, margin: number): Box {
  return [
    Math.min(a[0], b[0]) - margin,
    Math.min(a[1], b[1]) - margin,
    Math.max(a[0], b[0]) + margin,
    Math.max(a[1], b[1]) + margin,
  ];
}
