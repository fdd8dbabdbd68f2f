/**
 * Signed distances: negative inside, positive outside.
 *
 * @file After Inigo Quilez, "2D distance functions". Units are half the extent of an object; y points down.
 */
import { clamp01 } from "./portable-math.js";

export function length(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

export function disc(x: number, y: number, radius: number): number {
  return Math.sqrt(x * x + y * y) - radius;
}

/** Exact on the rim, and close to it nearby. */
export function ellipse(x: number, y: number, a: number, b: number): number {
  const ex = x / a;
  const ey = y / b;
  const k = Math.sqrt(ex * ex + ey * ey);
  const gx = ex / a;
  const gy = ey / b;
  const slope = Math.sqrt(gx * gx + gy * gy);
  return slope === 0 ? -Math.min(a, b) : (k * (k - 1)) / slope;
}

/** Of a rectangle with half-widths `a` and `b`. */
export function box(x: number, y: number, a: number, b: number): number {
  const dx = Math.abs(x) - a;
  const dy = Math.abs(y) - b;
  return dx > 0 && dy > 0 ? Math.sqrt(dx * dx + dy * dy) : Math.max(dx, dy);
}

/** Of the line from one point to another, drawn with a round pen of this radius. */
export function stroke(x: number, y: number, from: Point, to: Point, radius: number): number {
  const px = x - from[0];
  const py = y - from[1];
  const ex = to[0] - from[0];
  const ey = to[1] - from[1];
  const along = clamp01((px * ex + py * ey) / (ex * ex + ey * ey));
  return length(px - ex * along, py - ey * along) - radius;
}

/** How much of a pixel lies inside, from 0 to 1; `sharpness` is pixels per unit of the distance. */
export function inside(distance: number, sharpness: number): number {
  const covered = 0.5 - distance * sharpness;
  return covered < 0 ? 0 : covered > 1 ? 1 : covered;
}

/** The union of two shapes, with a seam as smooth as `width` says. */
export function blended(a: number, b: number, width: number): number {
  const h = Math.max(0, width - Math.abs(a - b)) / width;
  return Math.min(a, b) - h * h * width * 0.25;
}

export type Point = readonly [x: number, y: number];

/** The exact distance to a simple polygon. */
export function polygon(points: readonly Point[]): (x: number, y: number) => number {
  const count = points.length;
  // Per edge: its start, its vector, and the vector's inverse squared length.
  const edges = new Float64Array(count * 5);
  points.forEach(([x, y], i) => {
    const [nx, ny] = points[(i + 1) % count]!;
    const [ex, ey] = [nx - x, ny - y];
    edges.set([x, y, ex, ey, 1 / (ex * ex + ey * ey)], i * 5);
  });
  return (x, y) => {
    let nearest = Infinity;
    let inside = false;
    for (let i = 0; i < edges.length; i += 5) {
      const px = x - edges[i]!;
      const py = y - edges[i + 1]!;
      const ex = edges[i + 2]!;
      const ey = edges[i + 3]!;
      const along = clamp01((px * ex + py * ey) * edges[i + 4]!);
      const dx = px - ex * along;
      const dy = py - ey * along;
      const square = dx * dx + dy * dy;
      if (square < nearest) nearest = square;
      if (py >= 0 !== py - ey >= 0 && (px * ey - py * ex) / ey < 0) inside = !inside;
    }
    return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
  };
}
