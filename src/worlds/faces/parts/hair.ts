import { box, inside } from "../../distance.js";
import { cosine, sine } from "../../portable-math.js";
import { type Build, headDistance, lit, smooth, surfaceAt, type Surface } from "../build.js";
import { type Canvas, type Ink, paint, put, shade } from "../canvas.js";
import { hairlineDistance } from "./hairline.js";
import { hatRim } from "./hat.js";

const at: Surface = { nx: 0, ny: 0, nz: 0, x: 0, y: 0 };

/** What hangs behind neck and head. */
export function paintHairBehind(canvas: Canvas, build: Build): void {
  const { head, face } = build;
  const { hairLength } = face.identity;
  if (hairLength === "none") return;
  const mass = massOf(build);
  paint(canvas, head, [-1.5, -1.6, 1.5, 1.7], "hair", (x, y, ink) => {
    // The head covers what lies far in.
    if (y > -0.7 && y < 0.55 && Math.abs(x) < 0.45) return 0;
    const alpha = inside(mass(x, y), head.sharpness);
    if (alpha > 0) colourHair(build, x, y, 0.62 + 0.2 * smooth(0.2, -0.8, y), ink);
    return alpha;
  });
}

/** Long hair that falls before the shoulders. */
export function paintLocks(canvas: Canvas, build: Build): void {
  const { head, face, outline } = build;
  const { hairLength, hairStyle, proportions } = face.identity;
  if (hairLength !== "long") return;
  for (const side of [-1, 1]) {
    const x0 = side * (outline.width * 0.93 + 0.05 * proportions.hairVolume) - 0.1 * build.turn.sinYaw;
    const swing = hairStyle === "curls" ? 0.05 : 0.025;
    paint(canvas, head, [x0 - 0.5, -0.2, x0 + 0.5, 1.75], "hair", (x, y, ink) => {
      const u = x - x0 - swing * sine(5.5 * y + side);
      const width = 0.1 + 0.15 * smooth(-0.1, 0.75, y) - 0.16 * smooth(1.1, 1.72, y);
      const alpha = inside(Math.max(Math.abs(u) - width, y - 1.68, -0.1 - y), head.sharpness);
      if (alpha > 0) colourHair(build, x, y, 0.94 - 0.3 * Math.abs(u / width) * Math.abs(u / width), ink);
      return alpha;
    });
  }
}

/** What lies on the head and frames the face. */
export function paintHairBefore(canvas: Canvas, build: Build): void {
  const { head, face } = build;
  const { hairLength } = face.identity;
  if (hairLength === "none") return;
  const massAt = massOf(build);
  // Beyond the rim of the face, the mass alone decides, down to where hair on the sides ends.
  const ends = hairLength === "short" ? 0.06 : hairLength === "medium" ? 0.66 : 1.05;
  paint(canvas, head, [-1.5, -1.6, 1.5, ends + 0.1], "hair", (x, y, ink) => {
    const mass = massAt(x, y);
    if (mass > 0.1) return 0;
    surfaceAt(build, x, y, at);
    const before = Math.max(hairlineDistance(build, at.x, at.y), y - ends);
    // Further down it passes into the hair behind.
    const fade = hairLength === "short" ? 1 : smooth(ends, ends - 0.4, y);
    const alpha = fade * inside(Math.max(mass, before), head.sharpness);
    if (alpha > 0) {
      // A little darker where it rises from the face.
      const root = 0.9 + 0.1 * smooth(0, -0.16, before);
      colourHair(build, x, y, root * lit(build, at.nx, at.ny, at.nz), ink);
    }
    return alpha;
  });
}

/** The signed distance to all hair, as if there were no face. */
function massOf(build: Build): (x: number, y: number) => number {
  const { hairLength, hairStyle, hat, proportions, seed } = build.face.identity;
  const back = 0.12 * build.turn.sinYaw;
  const rise = 0.1 * build.turn.sinPitch;
  const hatted = hatRim(hat) !== undefined;
  const [curls, spikes] = [hairStyle === "curls", hairStyle === "spikes"];
  const [short, long] = [hairLength === "short", hairLength === "long"];
  const full = 0.1 + 0.05 * proportions.hairVolume + (hairStyle === "swept back" ? 0.04 : curls ? 0.1 : 0);
  const side = hairStyle === "side parting" ? 0.05 : 0;
  const shift = (seed % 5) * 0.2;
  const bottom = long ? 1.45 : 0.82;
  const room = build.outline.width + (long ? 0.1 : 0.05);
  const widest = room + 0.45;
  return (x, y) => {
    // The back of the head goes the other way when it turns.
    const u = x + back;
    const v = y - rise;
    if (Math.abs(u) > widest) return 1;
    const free = hatted ? 0.35 + 0.65 * smooth(-0.6, -0.1, y) : 1;
    let volume = full + side * smooth(0.3, -0.9, y);
    if (curls) volume += 0.055 * (sine(8.5 * u + seed) * cosine(8.5 * v + 2) + 0.6 * sine(15 * v + 9 * u));
    if (spikes && y < 0) {
      const tooth = 3.4 * u + shift;
      volume += 0.26 * Math.abs(tooth - Math.floor(tooth) - 0.5) * smooth(-0.2, -0.75, y) * smooth(1, 0.6, Math.abs(u));
    }
    // Short hair lies closer towards its end.
    if (short) volume *= 0.25 + 0.75 * smooth(0.12, -0.35, y);
    const cap = headDistance(build, u, v) - volume * free;
    if (short) return Math.max(cap, y - 0.14 + 0.1 * Math.abs(u));
    const wave = curls ? 0.035 * sine(10 * v + seed) : 0.012 * sine(6 * v);
    const half = room + volume * 0.8 * free - 0.13 * smooth(0.55, -0.1, v);
    const curtain = box(u + wave, v - bottom / 2 + 0.1, half - 0.3, bottom / 2 + 0.1 - 0.3) - 0.3;
    return Math.min(Math.max(cap, y - 0.3), Math.max(curtain, -0.1 - v));
  };
}

/** Strands, and a band that shines. */
function colourHair(build: Build, x: number, y: number, tone: number, ink: Ink): void {
  const { hairStyle, seed } = build.face.identity;
  const u = x + 0.1 * build.turn.sinYaw;
  const strands =
    hairStyle === "curls"
      ? 0.13 * sine(13 * u + seed) * sine(13 * y + 4 * u)
      : 0.07 * sine(24 * u + 5 * sine(2.2 * y + seed)) + 0.04 * sine(47 * u + 3 * y);
  const shine = smooth(0.3, 0, Math.abs(y + 0.72 + 0.3 * u * u - 0.2 * build.light.x * u));
  put(ink, build.hair);
  shade(ink, Math.min(1.1, tone) + strands);
  const gleam = 30 * shine * (0.6 + 3 * strands) * build.light.contrast;
  ink.r += gleam;
  ink.g += gleam;
  ink.b += 0.9 * gleam;
}
