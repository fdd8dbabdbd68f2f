/** Where hair begins on the face. */
import { sine } from "../../portable-math.js";
import { blended } from "../../distance.js";
import type { Build } from "../build.js";

/** Half-width of the face between the hair on both sides. */
const TEMPLE = 0.66;

/** On the face: negative where hair lies before it. Meaningless for the bald. */
export function hairlineDistance(build: Build, x: number, y: number): number {
  const { hairLength, hairStyle, seed } = build.face.identity;
  // Far below all hairlines, the sides alone decide.
  const top = y > 0.3 ? 1 : 0.85 * (y - hairlineAt(hairStyle, x, seed));
  const ends = hairLength === "short" ? 0.02 : hairLength === "medium" ? 0.72 : 1.6;
  // Longer hair closes in on the cheeks further down.
  const open = TEMPLE * build.outline.width * 1.22;
  const side = Math.max(open - Math.abs(x) + 0.06 * y * (hairLength === "short" ? -1 : 1), y - ends);
  return blended(top, side, 0.16);
}

function hairlineAt(style: Build["face"]["identity"]["hairStyle"], x: number, seed: number): number {
  const phase = seed % 7;
  switch (style) {
    case "fringe":
      return -0.36 + 0.05 * x * x + 0.035 * sine(13 * x + phase) * sine(5 * x + 2 * phase);
    case "side parting": {
      const part = (seed & 1) === 0 ? 0.34 : -0.34;
      const reach = x < part ? (part - x) / (part + 0.85) : (x - part) / (0.85 - part);
      return -0.74 + 0.52 * reach * Math.sqrt(Math.max(0, reach));
    }
    case "centre parting": {
      const reach = Math.abs(x) / 0.8;
      return -0.78 + 0.72 * reach * Math.sqrt(reach);
    }
    case "swept back":
      return -0.6 + 0.42 * x * x;
    case "curls":
      return -0.48 + 0.1 * x * x + 0.05 * sine(11 * x + phase);
    case "spikes": {
      const at = 5 * x + phase;
      return -0.56 + 0.12 * Math.abs(at - Math.floor(at) - 0.5) + 0.15 * x * x;
    }
  }
}
