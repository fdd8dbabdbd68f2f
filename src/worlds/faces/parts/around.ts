import { type Build, DEPTH, project } from "../build.js";
import type { Box } from "../canvas.js";

/** The box on the head's plane around a place of the face. */
export function around(build: Build, x: number, y: number, a: number, b: number): Box {
  const { outline } = build;
  const square = (x / outline.width) ** 2 + (y / (y > 0 ? outline.bottom : outline.top)) ** 2;
  const [px, py] = project(build, x, y, DEPTH * Math.sqrt(Math.max(0.02, 1 - square)));
  return [px - a, py - b, px + a, py + b];
}
