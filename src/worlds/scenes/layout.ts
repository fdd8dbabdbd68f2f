/** Places for objects: inside the picture, and hardly over one another. */
import type { Random } from "../../engine/tensor/random.js";
import { SIZES, type Size } from "./vocabulary.js";

export interface Place {
  readonly size: Size;
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** Extent of an object as a fraction of the picture's side. */
const EXTENTS: Readonly<Record<Size, readonly [least: number, most: number]>> = {
  small: [0.19, 0.22],
  medium: [0.3, 0.36],
  large: [0.46, 0.56],
};
const TRIES = 24;
/** Share of the sum of two radii that their centres keep apart. */
const KEPT_APART = 0.94;
const MARGIN = 0.015;

/** `count` places in random order of size; what does not fit where it is drawn is drawn smaller. */
export function sampleLayout(random: Random, count: number): Place[] {
  const sizes = Array.from({ length: count }, () => random.below(SIZES.length));
  const order = sizes.map((_, i) => i).sort((a, b) => sizes[b]! - sizes[a]! || a - b);
  const places = new Array<Place>(count);
  const placed: Place[] = [];
  for (const index of order) {
    const place = fit(random, sizes[index]!, placed);
    places[index] = place;
    placed.push(place);
  }
  return places;
}

function fit(random: Random, size: number, placed: readonly Place[]): Place {
  let best: Place | undefined;
  let least = Infinity;
  for (let smaller = size; smaller >= 0; smaller--) {
    for (let i = 0; i < TRIES; i++) {
      const place = draw(random, SIZES[smaller]!);
      const overlap = overlapOf(place, placed);
      if (overlap <= 0) return place;
      if (overlap < least) [best, least] = [place, overlap];
    }
  }
  return best!;
}

function draw(random: Random, size: Size): Place {
  const [least, most] = EXTENTS[size];
  const scale = least + (most - least) * random.uniform();
  const room = 1 - scale - 2 * MARGIN;
  const edge = MARGIN + scale / 2;
  return { size, scale, x: edge + room * random.uniform(), y: edge + room * random.uniform() };
}

/** How far the place reaches into the one it overlaps most; not above 0 when it keeps apart from all. */
function overlapOf(place: Place, placed: readonly Place[]): number {
  let most = -Infinity;
  for (const other of placed) {
    const [dx, dy] = [place.x - other.x, place.y - other.y];
    const apart = Math.sqrt(dx * dx + dy * dy);
    most = Math.max(most, (KEPT_APART * (place.scale + other.scale)) / 2 - apart);
  }
  return most;
}

/** What an object of this extent is called: the size whose extents are nearest. */
export function sizeOfScale(scale: number): Size {
  const distance = (size: Size): number => Math.abs(scale - typicalScale(size));
  return SIZES.reduce((a, b) => (distance(b) < distance(a) ? b : a));
}

/** The middle of a size's extents. */
export function typicalScale(size: Size): number {
  const [least, most] = EXTENTS[size];
  return (least + most) / 2;
}
