import { inside } from "../../distance.js";
import { type Build, shaded, smooth } from "../build.js";
import { blend, type Canvas, paint, put } from "../canvas.js";
import { LIP, mixed, type Rgb, scaled } from "../palette.js";
import { around } from "./around.js";
import type { SurfaceMap } from "./skin.js";

const LIPS = { thin: 0.026, full: 0.062, wide: 0.042, small: 0.048 } as const;

const GLOSS: Rgb = [255, 236, 232];
const THROAT: Rgb = [74, 26, 32];
const TONGUE: Rgb = [196, 84, 88];
const TEETH: Rgb = [250, 246, 240];

/** How far apart the lips are, on the face. */
export function mouthGap({ face }: Build): number {
  return 0.15 * face.photo.mouthOpen;
}

export function paintMouth(canvas: Canvas, build: Build, map: SurfaceMap): void {
  const { head, mouth, face, skin } = build;
  const { identity, photo } = face;
  const lip = LIPS[identity.mouth];
  const gap = mouthGap(build);
  const colour = mixed(mixed(skin, LIP, 0.46 + 0.16 * identity.proportions.lipColour), scaled(skin, 0.72), 0.25);
  const upper = scaled(colour, 0.86);
  const line = shaded(scaled(colour, 0.55), 0.6);
  const crease = gap < 0.02 ? 0.85 : 0.3;
  const box = around(build, 0, mouth.y, mouth.width + 0.16, 0.36);
  paint(canvas, head, box, "mouth", (_x, _y, ink, pixel) => {
    const u = map.x[pixel]!;
    const t = u / mouth.width;
    const across = Math.abs(t);
    if (across > 1.2) return 0;
    const bulge = Math.max(0, 1 - t * t);
    const centre = mouth.y + photo.smile * (0.04 - 0.115 * t * t);
    const v = map.y[pixel]! - centre;
    const above = -0.25 * gap * bulge;
    const below = 0.75 * gap * bulge;
    const dip = across < 0.24 ? 1 - across / 0.24 : 0;
    const top = above - lip * bulge * (1 - 0.3 * dip);
    const bottom = below + 1.35 * lip * bulge * (1 - 0.1 * t * t);
    const sharp = head.sharpness;
    const all = inside(0.92 * Math.max(top - v, v - bottom, (across - 1) * mouth.width), sharp);
    // The line between the lips goes on a little beyond them.
    const seam = inside(Math.max(Math.abs(v) - 0.014 * (1.1 - 0.6 * across), (across - 1.1) * mouth.width), sharp);
    const shut =
      gap < 0.02 ? seam : inside(Math.max(Math.abs(v) - 0.012, 1 - across, (across - 1.1) * mouth.width), sharp);
    if (all === 0 && shut === 0) return 0;
    const gloss = 0.3 * smooth(0.55, 0, Math.abs((v - below) / (1.35 * lip) - 0.45)) * smooth(0.75, 0, across);
    put(ink, colour);
    blend(ink, GLOSS, gloss);
    blend(ink, upper, smooth(0.006, -0.006, v - (above + below) / 2));
    if (gap >= 0.02) {
      const hole = inside(Math.max(above - v, v - below), sharp);
      const tooth = Math.min(0.45 * gap, 0.05);
      const teeth = smooth(0.012, -0.012, v - above - tooth * Math.sqrt(bulge));
      const tongue = smooth(-0.02, 0.03, v - below + 0.3 * gap) * smooth(0.9, 0.5, across);
      blend(ink, THROAT, hole);
      blend(ink, TONGUE, 0.8 * tongue * hole);
      blend(ink, TEETH, teeth * hole);
    }
    blend(ink, line, crease * shut);
    return Math.max(all, crease * shut);
  });
}
