/** The notation of skeletons. */

/**
 * A way to write a character: its name, how often it is chosen among those of its class (a weight), and its strokes.
 * Points `x,y` lie on a page 100 high, y down; the pen moves through them smoothly, turns sharply at a `/` and is lifted
 * at a `|`.
 */
export type Written = readonly [style: string, weight: number, strokes: string];

/** A stroke of the pen, lifted at neither point between. */
export interface Stroke {
  /** x and y by turns; the character is 1 high. */
  readonly points: readonly number[];
  /** Whether the pen turns sharply there; one per point. */
  readonly sharp: readonly boolean[];
}

export interface Skeleton {
  readonly style: string;
  readonly weight: number;
  readonly strokes: readonly Stroke[];
}

export function parseSkeleton([style, weight, strokes]: Written): Skeleton {
  return { style, weight, strokes: strokes.split("|").map(parseStroke) };
}

function parseStroke(text: string): Stroke {
  const runs = text.split("/").map((run) => run.trim().split(" "));
  const points = runs.flat().flatMap((point) => point.split(",").map((number) => Number(number) / 100));
  // A slash follows the point at which the pen turns.
  const sharp = runs.flatMap((run, r) => run.map((_, i) => i === run.length - 1 && r < runs.length - 1));
  return { points, sharp };
}
