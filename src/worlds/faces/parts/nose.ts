import { blended, inside } from "../../distance.js";
import { clamp01 } from "../../portable-math.js";
import { type Build, project, shaded, smooth } from "../build.js";
import { type Box, type Canvas, paint, put } from "../canvas.js";
import { mixed, type Rgb } from "../palette.js";

interface Nose {
  readonly bridge: readonly [number, number];
  readonly tip: readonly [number, number];
  readonly radius: number;
  readonly wings: readonly (readonly [number, number])[];
  readonly wing: number;
  readonly nostrils: readonly (readonly [number, number])[];
}

const SHAPES = {
  button: { length: 0.29, radius: 0.115, wide: 0.1 },
  straight: { length: 0.34, radius: 0.095, wide: 0.1 },
  long: { length: 0.41, radius: 0.1, wide: 0.105 },
  broad: { length: 0.335, radius: 0.125, wide: 0.16 },
} as const;

function noseOf(build: Build): Nose {
  const { nose, proportions } = build.face.identity;
  const shape = SHAPES[nose];
  const y = shape.length + 0.03 * proportions.noseLength;
  const wide = shape.wide * (1 + 0.15 * proportions.noseWidth);
  const sides = [-1, 1];
  return {
    bridge: project(build, 0, 0.02, 0.74),
    tip: project(build, 0, y, 0.92),
    radius: shape.radius * (1 + 0.1 * proportions.noseWidth),
    wings: sides.map((side) => project(build, side * wide, y + 0.03, 0.8)),
    wing: shape.radius * 0.62,
    nostrils: sides.map((side) => project(build, side * wide * 0.52, y + 0.09, 0.88)),
  };
}

export function paintNose(canvas: Canvas, build: Build): void {
  const nose = noseOf(build);
  const { head, light, skin } = build;
  const [tipX, tipY] = nose.tip;
  const box: Box = [
    Math.min(nose.bridge[0], tipX) - 0.42,
    nose.bridge[1] - 0.1,
    Math.max(nose.bridge[0], tipX) + 0.42,
    tipY + 0.36,
  ];
  const dark = shaded(skin, 0.2);
  const bright: Rgb = [255, 240, 226];
  const step = 0.03;
  // First the shadow that it throws, then its own light and shade.
  paint(canvas, head, box, undefined, (x, y, ink) => {
    const [sx, sy] = [x + 0.1 * light.x, y + 0.1 * light.y + 0.02];
    const cast = noseDistance(nose, sx, sy);
    put(ink, dark);
    return 0.4 * light.contrast * (1 - smooth(-0.05, 0.05, cast)) * smooth(nose.bridge[1], tipY, y);
  });
  paint(canvas, head, box, undefined, (x, y, ink) => {
    const distance = noseDistance(nose, x, y);
    if (distance > 0.07) return 0;
    const gx = (noseDistance(nose, x + step, y) - distance) / step;
    const gy = (noseDistance(nose, x, y + step) - distance) / step;
    const slope =
      smooth(-0.11, -0.01, distance) * (1 - smooth(0, 0.07, distance)) * smooth(nose.bridge[1], tipY, y + 0.12);
    const facing = gx * light.x + gy * light.y;
    const below = Math.max(0, gy) * slope * 0.34;
    if (facing > 0) {
      const gain = 0.3 * facing * slope - below;
      put(ink, gain > 0 ? bright : dark);
      return Math.abs(gain);
    }
    put(ink, dark);
    return Math.min(0.75, below - 0.62 * (0.35 + light.contrast) * facing * slope);
  });
  paint(canvas, head, box, "nose", (x, y, ink, pixel) => {
    // Says what is nose, and leaves its colours.
    ink.r = canvas.data[3 * pixel]!;
    ink.g = canvas.data[3 * pixel + 1]!;
    ink.b = canvas.data[3 * pixel + 2]!;
    return y > nose.bridge[1] + 0.06 ? inside(noseDistance(nose, x, y), head.sharpness) : 0;
  });
  const hollow = mixed(shaded(skin, 0.12), [70, 20, 20], 0.25);
  for (const [x0, y0] of nose.nostrils) {
    paint(canvas, head, [x0 - 0.06, y0 - 0.05, x0 + 0.06, y0 + 0.05], undefined, (x, y, ink) => {
      put(ink, hollow);
      const [u, v] = [(x - x0) / 0.042, (y - y0) / 0.026];
      return 0.72 * inside((Math.sqrt(u * u + v * v) - 1) * 0.03, head.sharpness);
    });
  }
  const [hx, hy] = [tipX + 0.035 * light.x, tipY - 0.035];
  paint(canvas, head, [hx - 0.06, hy - 0.06, hx + 0.06, hy + 0.06], undefined, (x, y, ink) => {
    put(ink, bright);
    const far = ((x - hx) * (x - hx) + (y - hy) * (y - hy)) / 0.0032;
    return far >= 1 ? 0 : 0.34 * (1 - far);
  });
}

/** A ridge that widens from the bridge to the tip, and a wing on each side. */
function noseDistance({ bridge, tip, radius, wings, wing }: Nose, x: number, y: number): number {
  const [ex, ey] = [tip[0] - bridge[0], tip[1] - bridge[1]];
  const along = clamp01(((x - bridge[0]) * ex + (y - bridge[1]) * ey) / (ex * ex + ey * ey));
  const [dx, dy] = [x - bridge[0] - ex * along, y - bridge[1] - ey * along];
  let distance = Math.sqrt(dx * dx + dy * dy) - radius * (0.42 + 0.58 * along * along);
  for (const [wx, wy] of wings) {
    distance = blended(distance, Math.sqrt((x - wx) * (x - wx) + (y - wy) * (y - wy)) - wing, 0.05);
  }
  return distance;
}
