/** Ink on a picture of whole levels. Places and sizes are in pixels; a pixel's middle lies at a half. */

export interface Form {
  /** Side of the picture. */
  readonly size: number;
  readonly channels: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** One line of a brush over a picture: what lies under it, and how much of each pixel is covered. */
export interface Stroke {
  /** [S,S,C]: the picture before. */
  readonly under: Uint8Array;
  /** [C]: levels of the ink. */
  readonly ink: readonly number[];
  /** Of the brush. */
  readonly radius: number;
  /** [S,S], from 0 to 1. */
  readonly cover: Float32Array;
  readonly at: Point;
}

/** A brush that is set down. */
export function begun(under: Uint8Array, { size }: Form, at: Point, radius: number, ink: readonly number[]): Stroke {
  return drawn({ under, ink, radius, cover: new Float32Array(size * size), at }, { size }, at);
}

/** A stroke drawn on to a place: where it passes again it does not get thicker. */
export function drawn(stroke: Stroke, { size }: Pick<Form, "size">, to: Point): Stroke {
  const { at: from, radius } = stroke;
  const cover = stroke.cover.slice();
  const reach = radius + 1;
  const range = (a: number, b: number): readonly [number, number] => [
    Math.max(0, Math.floor(Math.min(a, b) - reach)),
    Math.min(size - 1, Math.ceil(Math.max(a, b) + reach)),
  ];
  const [left, right] = range(from.x, to.x);
  const [top, bottom] = range(from.y, to.y);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const distance = fromLine({ x: column + 0.5, y: row + 0.5 }, from, to);
      // The edge of the brush is a pixel wide: half of it within the radius.
      const covered = Math.min(1, Math.max(0, radius + 0.5 - distance));
      const i = row * size + column;
      if (covered > cover[i]!) cover[i] = covered;
    }
  }
  return { ...stroke, cover, at: to };
}

/** [S,S,C]: the picture with the stroke on it. */
export function inked({ under, ink, cover }: Stroke): Uint8Array {
  const channels = ink.length;
  return under.map((level, i) => {
    const part = cover[Math.floor(i / channels)]!;
    return Math.round(level + (ink[i % channels]! - level) * part);
  });
}

function fromLine({ x, y }: Point, from: Point, to: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / length));
  return Math.hypot(x - from.x - t * dx, y - from.y - t * dy);
}
