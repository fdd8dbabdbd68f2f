import { box, ellipse, inside } from "../../distance.js";
import { type Build, glow, lit, smooth } from "../build.js";
import { blend, type Canvas, dim, paint, put, shade } from "../canvas.js";
import { CLOTHES, mixed } from "../palette.js";

/** Neck and ears, behind the head. */
export function paintNeck(canvas: Canvas, build: Build): void {
  const { neck, skin, outline } = build;
  const half = outline.width * 0.43;
  paint(canvas, neck, [-0.6, 0.4, 0.6, 1.75], "skin", (x, y, ink) => {
    const width = half + 0.25 * Math.max(0, y - 1.12) * Math.max(0, y - 1.12);
    const u = x / width;
    const bent = Math.max(-1, Math.min(1, u));
    // The chin's shadow falls on it.
    const under = 0.5 + 0.5 * smooth(0.85, 1.5, y - 0.12 * bent * bent);
    const tone = lit(build, 0.8 * bent, 0.1, 0.6) * under;
    put(ink, skin);
    shade(ink, tone);
    return inside(Math.abs(x) - width, neck.sharpness);
  });
}

export function paintClothes(canvas: Canvas, build: Build): void {
  const { body, face } = build;
  const { seed } = face.photo;
  const colour = CLOTHES[(seed >>> 3) % CLOTHES.length]!;
  const trim = mixed(colour, (seed & 1) === 0 ? [255, 255, 255] : [24, 24, 32], 0.35);
  const striped = (seed >>> 1) % 4 === 0;
  const pointed = (seed >>> 9) % 3 === 0;
  paint(canvas, body, [-2.4, 1, 2.4, 4], "clothes", (x, y, ink) => {
    const shoulders = box(x, y - 2.72, 1.4 - 0.46, 1.48 - 0.46) - 0.46;
    const opening = pointed
      ? Math.max(Math.abs(x) - 0.42 + 0.62 * (y - 1.25), y - 1.95)
      : ellipse(x, y - 1.13, 0.5, 0.4);
    const distance = Math.max(shoulders, -opening);
    const fold = 1 - 0.16 * glow(Math.abs(x) - 0.95, y - 2.05, 0.22, 0.7) - 0.2 * smooth(0.75, 1.35, Math.abs(x));
    const tone = (0.78 + 0.22 * lit(build, x * 0.7, -0.25, 0.7)) * fold;
    const stripe = striped ? smooth(0.04, 0.06, Math.abs(((y * 2.6) % 1) - 0.5) - 0.16) : 1;
    const edge = smooth(0.05, 0.065, opening);
    put(ink, trim);
    blend(ink, colour, Math.min(stripe, edge));
    dim(ink, tone);
    return inside(distance, body.sharpness);
  });
}

export function paintEars(canvas: Canvas, build: Build): void {
  const { head, skin, outline, turn, face } = build;
  const { hairLength } = face.identity;
  // Longer hair hides them.
  if (hairLength === "medium" || hairLength === "long") return;
  const grow = 1 + 0.18 * face.identity.proportions.ears;
  const red = mixed(skin, [226, 96, 86], 0.1);
  for (const side of [-1, 1]) {
    const x0 = side * (outline.width + 0.015) - 0.16 * turn.sinYaw;
    const y0 = 0.08 + 0.1 * turn.sinPitch;
    const [a, b] = [0.12 * grow, 0.19 * grow];
    paint(canvas, head, [x0 - a, y0 - b, x0 + a, y0 + b], "skin", (x, y, ink) => {
      const [u, v] = [x - x0, y - y0];
      const tone = 0.94 * lit(build, 0.75 * side, 0, 0.55);
      const hollow = 0.4 * glow(u - 0.02 * side, v - 0.01, 0.08 * grow, 0.13 * grow);
      put(ink, red);
      shade(ink, tone - hollow);
      return inside(ellipse(u, v, a, b), head.sharpness);
    });
  }
}
