/** Smooth curves through points. */

/** Where the points of a curve are collected. */
export interface Path {
  /** x and y by turns. */
  readonly at: Float64Array;
  /** How many points there are. */
  count: number;
}

/** Line pieces per span between two points of a curve. */
export const PIECES = 6;

/**
 * Appends a centripetal Catmull-Rom curve (Barry and Goldman 1988) through the points `first` to `last` of `points` (x and
 * y by turns), its first point too.
 */
export function curveThrough(points: ArrayLike<number>, first: number, last: number, path: Path): void {
  push(path, points[2 * first]!, points[2 * first + 1]!);
  for (let i = first; i < last; i++) span(points, i, first, last, path);
}

/** From point `i` to the next. */
function span(points: ArrayLike<number>, i: number, first: number, last: number, path: Path): void {
  const x1 = points[2 * i]!;
  const y1 = points[2 * i + 1]!;
  const x2 = points[2 * i + 2]!;
  const y2 = points[2 * i + 3]!;
  // Beyond the ends, the curve goes on as if mirrored.
  const x0 = i > first ? points[2 * i - 2]! : 2 * x1 - x2;
  const y0 = i > first ? points[2 * i - 1]! : 2 * y1 - y2;
  const x3 = i + 1 < last ? points[2 * i + 4]! : 2 * x2 - x1;
  const y3 = i + 1 < last ? points[2 * i + 5]! : 2 * y2 - y1;
  const a = knot(x1 - x0, y1 - y0);
  const b = knot(x2 - x1, y2 - y1);
  const c = knot(x3 - x2, y3 - y2);
  // Tangents at both ends, for a parameter from 0 to 1.
  const mx1 = x2 - x1 + b * ((x1 - x0) / a - (x2 - x0) / (a + b));
  const my1 = y2 - y1 + b * ((y1 - y0) / a - (y2 - y0) / (a + b));
  const mx2 = x2 - x1 + b * ((x3 - x2) / c - (x3 - x1) / (b + c));
  const my2 = y2 - y1 + b * ((y3 - y2) / c - (y3 - y1) / (b + c));
  for (let k = 1; k <= PIECES; k++) {
    const t = k / PIECES;
    const tt = t * t;
    const ttt = tt * t;
    const h1 = 2 * ttt - 3 * tt + 1;
    const h2 = ttt - 2 * tt + t;
    const h3 = 3 * tt - 2 * ttt;
    const h4 = ttt - tt;
    push(path, h1 * x1 + h2 * mx1 + h3 * x2 + h4 * mx2, h1 * y1 + h2 * my1 + h3 * y2 + h4 * my2);
  }
}

/** The square root of the distance; never 0, so that points may coincide. */
function knot(dx: number, dy: number): number {
  return Math.sqrt(Math.sqrt(dx * dx + dy * dy) + 1e-9);
}

function push(path: Path, x: number, y: number): void {
  path.at[2 * path.count] = x;
  path.at[2 * path.count + 1] = y;
  path.count++;
}
