import { ellipse, inside } from "../../distance.js";
import { hashUnit, sine } from "../../portable-math.js";
import { type Build, headDistance, lit, shaded, smooth, surfaceAt, type Surface } from "../build.js";
import { type Canvas, paint, put, shade } from "../canvas.js";
import { mixed } from "../palette.js";
import { mouthGap } from "./mouth.js";

const at: Surface = { nx: 0, ny: 0, nz: 0, x: 0, y: 0 };

export function paintBeard(canvas: Canvas, build: Build): void {
  const { head, face, skin, size } = build;
  const { beard, seed, hairColour } = face.identity;
  if (beard === "none") return;
  const stubble = beard === "stubble";
  const colour = mixed(build.hair, [50, 38, 36], hairColour === "black" ? 0 : 0.22);
  const shadow = mixed(shaded(colour, 0.6), skin, 0.15);
  paint(canvas, head, [-1.1, -0.3, 1.1, 1.4], stubble ? undefined : "beard", (x, y, ink, pixel) => {
    surfaceAt(build, x, y, at);
    const rim = headDistance(build, x, y) - (beard === "full" ? 0.075 : 0);
    const distance = Math.max(rim, beardDistance(build, at.x, at.y));
    const soft = stubble ? 1 - smooth(-0.09, 0.02, distance) : inside(distance, head.sharpness);
    if (soft === 0) return 0;
    const grain = 0.1 * sine(31 * at.x + 6 * at.y + seed) * sine(9 * at.y + 2) + 0.05 * sine(53 * at.x - 8 * at.y);
    const tone = lit(build, at.nx, at.ny, at.nz) + grain;
    put(ink, stubble ? shadow : colour);
    if (!stubble) shade(ink, tone);
    if (!stubble) return soft;
    // Below half opaque: the skin still shows, and is what the pixel is said to be.
    const fine = size >= 96 ? 0.14 * hashUnit(pixel, 0, seed) : 0.07;
    return inside(rim, head.sharpness) * soft * (0.26 + fine);
  });
}

/** The region on the face, its hole for the mouth left out. */
function beardDistance(build: Build, x: number, y: number): number {
  const { mouth, face } = build;
  const { beard } = face.identity;
  const across = Math.abs(x);
  const gap = mouthGap(build);
  const smile = 0.05 * face.photo.smile;
  const hole = ellipse(x, y - mouth.y - 0.3 * gap, mouth.width + 0.03, 0.085 + 0.6 * gap + 0.3 * Math.abs(smile));
  const lip = mouth.y - 0.115;
  const droop = 0.9 * across * across - smile * across;
  const half = Math.max(0.25, mouth.width + 0.04);
  const t = across / half;
  const moustache = Math.max(Math.abs(y - lip - droop) - 0.062 * (1 - 0.5 * t * t), across - half);
  if (beard === "moustache") return moustache;
  if (beard === "goatee") {
    const ring = ellipse(x, y - mouth.y - 0.06, mouth.width + 0.13, 0.25 + 0.5 * gap);
    const chin = ellipse(x, y - mouth.y - 0.3, 0.22, 0.24);
    return Math.max(Math.min(ring, chin), -hole);
  }
  // From the ear down along the cheek to the moustache.
  const cheek = across < 0.36 ? lip - 0.07 + 0.6 * across * across : lip - 0.07 + 0.078 - 1.35 * (across - 0.36);
  const edge = Math.max(cheek, -0.12);
  return Math.max(0.8 * (edge - y), -hole);
}
