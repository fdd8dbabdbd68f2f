/** Draws glyphs at random. */
import { UsageError } from "../../engine/errors.js";
import type { Random } from "../../engine/tensor/random.js";
import { seeded } from "../../engine/train/seeds.js";
import { bell } from "../bell.js";
import type { Glyph } from "./glyph.js";
import type { Skeleton } from "./skeletons/parse.js";
import { GLYPH_CLASSES, skeletonsOf } from "./skeletons/table.js";

export interface GlyphOptions {
  /** Drawn evenly; all of `GLYPH_CLASSES` by default. */
  readonly classes?: readonly string[];
}

/** Glyph number `index` of the seed; the same whatever others are drawn. */
export function glyphAt(seed: number, index: number, options?: GlyphOptions): Glyph {
  return sampleGlyph(seeded(seed, "glyph", index), options);
}

/** Throws `UsageError` for classes that there are not, or none. */
export function sampleGlyph(random: Random, { classes = GLYPH_CLASSES }: GlyphOptions = {}): Glyph {
  checkClasses(classes);
  const glyphClass = classes[random.below(classes.length)]!;
  return {
    class: glyphClass,
    style: pickStyle(random, skeletonsOf(glyphClass)),
    slant: clamped(0.11 + 0.25 * bell(random), -0.6, 0.85),
    rotation: clamped(0.09 * bell(random), -0.3, 0.3),
    aspect: clamped(1.12 + 0.22 * bell(random), 0.5, 1.6),
    thickness: thickness(random),
    pressure: 0.45 * random.uniform(),
    taper: 0.5 * random.uniform() * random.uniform(),
    softness: 0.8 + 0.4 * random.uniform(),
    ink: 1 - 0.1 * random.uniform() * random.uniform(),
    scale: clamped(0.7 + 0.03 * bell(random), 0.6, 0.8),
    x: clamped(0.016 * bell(random), -0.05, 0.05),
    y: clamped(0.016 * bell(random), -0.05, 0.05),
    wobble: 0.012 + 0.065 * random.uniform() * random.uniform(),
    tremor: 0.4 * random.uniform() * random.uniform(),
    warp: 0.03 + 0.08 * random.uniform(),
    roundness: random.uniform() * random.uniform(),
    seed: random.below(2 ** 32),
  };
}

/** Mostly fine pens, now and then a broad one. */
function thickness(random: Random): number {
  return 1.4 + 1.5 * random.uniform() + 2.3 * random.uniform() * random.uniform();
}

function pickStyle(random: Random, skeletons: readonly Skeleton[]): string {
  let left = random.uniform() * skeletons.reduce((sum, { weight }) => sum + weight, 0);
  return (skeletons.find(({ weight }) => (left -= weight) < 0) ?? skeletons[0]!).style;
}

function clamped(value: number, least: number, most: number): number {
  return value < least ? least : value > most ? most : value;
}

function checkClasses(classes: readonly string[]): void {
  const unknown = classes.find((one) => skeletonsOf(one).length === 0);
  if (classes.length > 0 && unknown === undefined) return;
  throw new UsageError({
    what: "no such class of glyphs",
    where: "classes",
    got: unknown === undefined ? "none" : JSON.stringify(unknown),
    expected: "one or more of 0 to 9 and A to Z",
  });
}
