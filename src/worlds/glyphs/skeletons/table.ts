/** All skeletons, by class. */
import { DIGITS } from "./digits.js";
import { LETTERS } from "./letters.js";
import { parseSkeleton, type Skeleton } from "./parse.js";

const SKELETONS: ReadonlyMap<string, readonly Skeleton[]> = new Map(
  Object.entries({ ...DIGITS, ...LETTERS }).map(([name, written]) => [name, written.map(parseSkeleton)]),
);

/** What can be written: the digits 0 to 9, then the capital letters A to Z. */
export const GLYPH_CLASSES: readonly string[] = [...SKELETONS.keys()];

/** The ways to write a class; none for a class that there is not. */
export function skeletonsOf(glyphClass: string): readonly Skeleton[] {
  return SKELETONS.get(glyphClass) ?? [];
}

/** The names of the ways to write a class. */
export function glyphStyles(glyphClass: string): string[] {
  return skeletonsOf(glyphClass).map(({ style }) => style);
}
