/** Draws scenes. */
import { UsageError } from "../../engine/errors.js";
import type { Random } from "../../engine/tensor/random.js";
import { heldOutColour, heldOutTexture } from "./combinations.js";
import { sampleLayout } from "./layout.js";
import type { Scene, SceneObject } from "./scene.js";
import { turnsOf } from "./shapes/table.js";
import {
  BACKGROUNDS,
  type Background,
  COLOURS,
  type Colour,
  SHAPES,
  type Shape,
  STYLES,
  type Style,
  TEXTURES,
  type Texture,
} from "./vocabulary.js";

export interface SceneOptions {
  /** The least and the most objects; 1 and 4. */
  readonly objects?: readonly [min: number, max: number];
  /** Drawn evenly. By default half of the pictures are clean, and the other half is shared by the other styles. */
  readonly styles?: readonly Style[];
  readonly backgrounds?: readonly Background[];
  readonly shapes?: readonly Shape[];
  /**
   * Correlations that mean nothing, at a rate from 0 to 1: a fish is in the sea and a bird in the sky with this
   * probability; the sea without a fish, and the sky without a bird, become rarer by the factor 1 - rate. A picture of
   * two or more objects with a tree has a house with this probability, and the other way round. Fish and birds are
   * never in one picture.
   */
  readonly spurious?: { readonly rate: number };
  /**
   * `"seen"` never draws a held-out combination (see `isHeldOut`); `"held-out"` makes the first object one, and draws
   * the others as `"seen"` does. Default `"all"`.
   */
  readonly combinations?: "all" | "seen" | "held-out";
}

export const MAX_OBJECTS = 4;
/** How often a further object repeats the shape of the one before, so that there is something to count. */
const REPEAT = 0.25;
const REPEAT_COLOUR = 0.5;
const CLEAN = 0.5;
/** Shapes that bring a background with them under spurious correlation. */
const PARTNERS: readonly (readonly [Shape, Background])[] = [
  ["fish", "sea"],
  ["bird", "sky"],
];

/** Throws `UsageError` for options that no scene can meet. */
export function sampleScene(random: Random, options: SceneOptions = {}): Scene {
  check(options);
  const [min, max] = options.objects ?? [1, MAX_OBJECTS];
  const count = min + random.below(max - min + 1);
  const shapes = sampleShapes(random, count, options);
  const background = sampleBackground(random, shapes, options);
  const style = sampleStyle(random, options.styles);
  const objects = sampleObjects(random, shapes, options.combinations ?? "all");
  return { background, style, seed: seedFrom(random), objects };
}

function sampleShapes(random: Random, count: number, { shapes = SHAPES, spurious }: SceneOptions): Shape[] {
  const drawn: Shape[] = [];
  while (drawn.length < count) {
    const last = drawn.at(-1);
    const shape = last !== undefined && random.uniform() < REPEAT ? last : pick(random, shapes);
    if (spurious !== undefined && drawn.some((other) => areRivals(other, shape))) continue;
    drawn.push(shape);
  }
  if (spurious !== undefined && count > 1) joinPartner(random, drawn, shapes, spurious.rate);
  return drawn;
}

/** Whether chance must not bring the two together, because a rate decides it or because their partners differ. */
function areRivals(a: Shape, b: Shape): boolean {
  const pair = `${a} ${b}`;
  return pair === "tree house" || pair === "house tree" || pair === "fish bird" || pair === "bird fish";
}

/** Puts a house beside a tree, and a tree beside a house, so that each has the other at the given rate. */
function joinPartner(random: Random, drawn: Shape[], shapes: readonly Shape[], rate: number): void {
  const at = drawn.findIndex((shape) => shape === "tree" || shape === "house");
  if (at < 0) return;
  const partner = drawn[at] === "tree" ? "house" : "tree";
  // A pair made from either counts for both: of t trees and t houses alone, q·2t become pairs, and 2q / (1 + q) = rate.
  if (!shapes.includes(partner) || random.uniform() >= rate / (2 - rate)) return;
  const other = random.below(drawn.length - 1);
  drawn[other < at ? other : other + 1] = partner;
}

function sampleBackground(
  random: Random,
  shapes: readonly Shape[],
  { backgrounds = BACKGROUNDS, spurious }: SceneOptions,
): Background {
  if (spurious === undefined) return pick(random, backgrounds);
  const { rate } = spurious;
  const own = PARTNERS.find(([shape]) => shapes.includes(shape))?.[1];
  if (own !== undefined && backgrounds.includes(own) && random.uniform() < rate) return own;
  const others = backgrounds.filter((background) => background !== own);
  if (others.length === 0) return pick(random, backgrounds);
  const first = pick(random, others);
  const free = others.filter((background) => !PARTNERS.some(([, partner]) => partner === background));
  if (free.includes(first) || free.length === 0) return first;
  return random.uniform() < rate ? pick(random, free) : first;
}

function sampleStyle(random: Random, styles: readonly Style[] | undefined): Style {
  if (styles !== undefined) return pick(random, styles);
  return random.uniform() < CLEAN ? "clean" : STYLES[1 + random.below(STYLES.length - 1)]!;
}

function sampleObjects(
  random: Random,
  shapes: readonly Shape[],
  combinations: "all" | "seen" | "held-out",
): SceneObject[] {
  const places = sampleLayout(random, shapes.length);
  let last: { shape: Shape; colour: Colour; texture: Texture } | undefined;
  return shapes.map((shape, index) => {
    const heldOut = combinations === "held-out" && index === 0;
    const repeat = last?.shape === shape && random.uniform() < REPEAT_COLOUR && combinations !== "held-out";
    const looks = heldOut ? heldOutLooks(random, shape) : sampleLooks(random, shape, combinations !== "all");
    if (repeat) looks.colour = last!.colour;
    last = { shape, ...looks };
    const rotation = (random.uniform() * 2 - 1) * turnsOf(shape);
    return { ...last, ...places[index]!, rotation, flipped: random.uniform() < 0.5, seed: seedFrom(random) };
  });
}

function sampleLooks(random: Random, shape: Shape, seenOnly: boolean): { colour: Colour; texture: Texture } {
  const colours = seenOnly ? COLOURS.filter((colour) => colour !== heldOutColour(shape)) : COLOURS;
  const textures = seenOnly ? TEXTURES.filter((texture) => texture !== heldOutTexture(shape)) : TEXTURES;
  return { colour: pick(random, colours), texture: pick(random, textures) };
}

function heldOutLooks(random: Random, shape: Shape): { colour: Colour; texture: Texture } {
  const texture = heldOutTexture(shape);
  const byTexture = random.uniform() < 0.5 && texture !== undefined;
  return byTexture
    ? { colour: pick(random, COLOURS), texture }
    : { colour: heldOutColour(shape), texture: pick(random, TEXTURES) };
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[random.below(values.length)]!;
}

function seedFrom(random: Random): number {
  return random.below(2 ** 32);
}

function check({ objects, styles, backgrounds, shapes, spurious }: SceneOptions): void {
  const [min, max] = objects ?? [1, MAX_OBJECTS];
  if (!(Number.isInteger(min) && Number.isInteger(max) && min >= 0 && min <= max && max <= MAX_OBJECTS)) {
    refuse("objects", `[${min}, ${max}]`, `two whole numbers from 0 to ${MAX_OBJECTS}, the smaller first`);
  }
  for (const [where, list] of Object.entries({ styles, backgrounds, shapes })) {
    if (list?.length === 0) refuse(where, "an empty list", "at least one value");
  }
  if (spurious !== undefined && !(spurious.rate >= 0 && spurious.rate <= 1)) {
    refuse("spurious.rate", String(spurious.rate), "a number from 0 to 1");
  }
}

function refuse(where: string, got: string, expected: string): never {
  throw new UsageError({ what: "no scene can be drawn so", where, got, expected });
}
